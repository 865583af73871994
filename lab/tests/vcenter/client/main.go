// A govmomi client: what VMware's own Go library makes of an endpoint, as JSON on standard output.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"net/url"
	"os"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type machine struct {
	Name, Power   string
	CPUs, Memory  int32
	PortgroupKeys []string
}

type report struct {
	About, Folder, MovedTo, PowerFault string
	Vlans                              map[string]int32
	Machines                           []machine
	Privileges                         int
	Flows                              map[string]string
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	where := flag.String("url", "", "https://user:password@host:port/sdk")
	ca := flag.String("ca", "", "CA file")
	ovf := flag.String("ovf", "", "descriptor to deploy")
	flag.Parse()
	ctx := context.Background()
	to, err := url.Parse(*where)
	must(err)
	transport := soap.NewClient(to, false)
	must(transport.SetRootCAs(*ca))
	vim, err := vim25.NewClient(ctx, transport)
	must(err)
	client := &govmomi.Client{Client: vim, SessionManager: session.NewManager(vim)}
	must(client.Login(ctx, to.User))
	defer client.Logout(ctx)
	out := report{About: vim.ServiceContent.About.ApiVersion, Vlans: map[string]int32{}}

	views := view.NewManager(vim)
	all, err := views.CreateContainerView(ctx, vim.ServiceContent.RootFolder, nil, true)
	must(err)
	var groups []mo.DistributedVirtualPortgroup
	must(all.Retrieve(ctx, []string{"DistributedVirtualPortgroup"}, []string{"name", "config"}, &groups))
	for _, group := range groups {
		policy := group.Config.DefaultPortConfig.(*types.VMwareDVSPortSetting)
		if vlan, ok := policy.Vlan.(*types.VmwareDistributedVirtualSwitchVlanIdSpec); ok {
			out.Vlans[group.Name] = vlan.VlanId
		}
	}
	var machines []mo.VirtualMachine
	must(all.Retrieve(ctx, []string{"VirtualMachine"}, []string{"name", "config", "runtime", "parent"}, &machines))
	for _, vm := range machines {
		found := machine{Name: vm.Name, Power: string(vm.Runtime.PowerState)}
		found.CPUs, found.Memory = vm.Config.Hardware.NumCPU, vm.Config.Hardware.MemoryMB
		for _, device := range vm.Config.Hardware.Device {
			if card, ok := device.(types.BaseVirtualEthernetCard); ok {
				backing, ok := card.GetVirtualEthernetCard().Backing.(*types.VirtualEthernetCardDistributedVirtualPortBackingInfo)
				if ok {
					found.PortgroupKeys = append(found.PortgroupKeys, backing.Port.PortgroupKey)
				}
			}
		}
		out.Machines = append(out.Machines, found)
	}

	finder := find.NewFinder(vim, false)
	dc, err := finder.Datacenter(ctx, "DC0")
	must(err)
	finder.SetDatacenter(dc)
	parent, err := finder.Folder(ctx, "/DC0/vm/AVI K8S")
	must(err)
	made, err := parent.CreateFolder(ctx, "made by Go")
	must(err)
	out.Folder = made.Reference().Type
	vm, err := finder.VirtualMachine(ctx, "/DC0/vm/AVI K8S/Site1 AZ1/dns-se-abcde")
	must(err)
	task, err := made.MoveInto(ctx, []types.ManagedObjectReference{vm.Reference()})
	must(err)
	must(task.Wait(ctx))
	var moved mo.VirtualMachine
	must(property.DefaultCollector(vim).RetrieveOne(ctx, vm.Reference(), []string{"parent"}, &moved))
	out.MovedTo = moved.Parent.Value
	if out.MovedTo != made.Reference().Value {
		log.Fatal("not moved")
	}
	on, err := vm.PowerOn(ctx)
	must(err)
	if err := on.Wait(ctx); err != nil {
		out.PowerFault = err.Error()
	}
	held, err := object.NewAuthorizationManager(vim).FetchUserPrivilegeOnEntities(ctx, []types.ManagedObjectReference{dc.Reference()}, to.User.Username())
	must(err)
	out.Privileges = len(held[0].Privileges)
	vm, err = finder.VirtualMachine(ctx, "/DC0/vm/AVI K8S/made by Go/dns-se-abcde")
	must(err)
	out.Flows = flows(ctx, site{vim, finder, vm, to.User, *ovf})
	must(json.NewEncoder(os.Stdout).Encode(out))
}
