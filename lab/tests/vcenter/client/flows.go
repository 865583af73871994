// What govc and the Terraform provider do with the library: each flow by name, with "" or what went wrong.
package main

import (
	"context"
	"fmt"
	"io/ioutil"
	"net/url"
	"strings"
	"time"

	"github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/license"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/task"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type site struct {
	vim    *vim25.Client
	finder *find.Finder
	vm     *object.VirtualMachine
	user   *url.Userinfo
	ovf    string
}

func wait(ctx context.Context, running *object.Task, err error) error {
	if err != nil {
		return err
	}
	return running.Wait(ctx)
}

// Every path form that govc's `find` and `ls` take must list something.
func lists(ctx context.Context, s site) error {
	for _, path := range []string{"/*", "vm/*", "host/*", "network/*", "datastore/*", "/*/vm/AVI K8S/*", "/..."} {
		if found, err := s.finder.ManagedObjectListChildren(ctx, path); err != nil || len(found) == 0 {
			return fmt.Errorf("%s: %d, %v", path, len(found), err)
		}
	}
	if _, err := s.finder.DefaultResourcePool(ctx); err != nil {
		return err
	}
	path, err := find.InventoryPath(ctx, s.vim, s.vm.Reference())
	if err == nil && path != s.vm.InventoryPath {
		return fmt.Errorf("%s is not %s", path, s.vm.InventoryPath)
	}
	return err
}

// Every property of every object, decoded into the library's own types.
func everything(ctx context.Context, s site) error {
	all, err := view.NewManager(s.vim).CreateContainerView(ctx, s.vim.ServiceContent.RootFolder, nil, true)
	if err != nil {
		return err
	}
	defer all.Destroy(ctx)
	for kind, into := range map[string]interface{}{
		"VirtualMachine": &[]mo.VirtualMachine{}, "HostSystem": &[]mo.HostSystem{}, "Datastore": &[]mo.Datastore{},
		"ClusterComputeResource": &[]mo.ClusterComputeResource{}, "ResourcePool": &[]mo.ResourcePool{},
		"DistributedVirtualSwitch": &[]mo.DistributedVirtualSwitch{}, "Folder": &[]mo.Folder{},
	} {
		if err := all.Retrieve(ctx, []string{kind}, nil, into); err != nil {
			return fmt.Errorf("%s: %v", kind, err)
		}
	}
	return nil
}

// The present value first, then only the change, which another task makes meanwhile.
func waits(ctx context.Context, s site) error {
	updates, name := 0, s.vm.Name()
	go func() {
		time.Sleep(200 * time.Millisecond)
		running, err := s.vm.Rename(ctx, name+"-x")
		_ = wait(ctx, running, err)
	}()
	collector := property.DefaultCollector(s.vim)
	err := property.Wait(ctx, collector, s.vm.Reference(), []string{"name"}, func(c []types.PropertyChange) bool {
		updates++
		return c[0].Val.(string) == name+"-x"
	})
	if err == nil && updates != 2 {
		err = fmt.Errorf("%d updates", updates)
	}
	if err != nil {
		return err
	}
	running, err := s.vm.Rename(ctx, name)
	if err := wait(ctx, running, err); err != nil {
		return err
	}
	return s.vm.WaitForPowerState(ctx, types.VirtualMachinePowerStatePoweredOn)
}

func faults(ctx context.Context, s site) error {
	running, err := s.vm.PowerOn(ctx)
	if err != nil {
		return err
	}
	_, err = running.WaitForResult(ctx, nil)
	if failed, ok := err.(task.Error); !ok {
		return fmt.Errorf("%v is no task's error", err)
	} else if _, ok := failed.Fault().(*types.InvalidPowerState); !ok {
		return fmt.Errorf("%T", failed.Fault())
	}
	folder, err := s.finder.DefaultFolder(ctx)
	if err != nil {
		return err
	}
	_, err = folder.CreateFolder(ctx, "AVI K8S")
	if !soap.IsSoapFault(err) {
		return fmt.Errorf("%v is no fault", err)
	} else if _, ok := soap.ToSoapFault(err).VimFault().(types.DuplicateName); !ok {
		return fmt.Errorf("%T", soap.ToSoapFault(err).VimFault())
	}
	return nil
}

// A port group made, edited, plugged into a machine and removed again.
func portGroup(ctx context.Context, s site) error {
	vlan := func(id int32) *types.VMwareDVSPortSetting {
		return &types.VMwareDVSPortSetting{Vlan: &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: id}}
	}
	found, err := s.finder.Network(ctx, "DVS0")
	if err != nil {
		return err
	}
	spec := types.DVPortgroupConfigSpec{Name: "by Go", Type: "earlyBinding", NumPorts: 4, DefaultPortConfig: vlan(77)}
	running, err := found.(*object.DistributedVirtualSwitch).AddPortgroup(ctx, []types.DVPortgroupConfigSpec{spec})
	if err := wait(ctx, running, err); err != nil {
		return err
	}
	if found, err = s.finder.Network(ctx, "by Go"); err != nil {
		return err
	}
	group := found.(*object.DistributedVirtualPortgroup)
	var read mo.DistributedVirtualPortgroup
	if err := group.Properties(ctx, group.Reference(), []string{"config"}, &read); err != nil {
		return err
	}
	edit := types.DVPortgroupConfigSpec{ConfigVersion: read.Config.ConfigVersion, DefaultPortConfig: vlan(78)}
	if running, err = group.Reconfigure(ctx, edit); wait(ctx, running, err) != nil {
		return fmt.Errorf("reconfigure: %v", err)
	}
	backing, err := group.EthernetCardBackingInfo(ctx)
	if err != nil {
		return err
	}
	card, err := object.EthernetCardTypes().CreateEthernetCard("vmxnet3", backing)
	if err != nil {
		return err
	}
	if err := s.vm.AddDevice(ctx, card); err != nil {
		return err
	}
	devices, err := s.vm.Device(ctx)
	if err != nil {
		return err
	}
	cards := devices.SelectByType((*types.VirtualEthernetCard)(nil))
	if err := s.vm.RemoveDevice(ctx, false, cards[len(cards)-1]); err != nil {
		return err
	}
	running, err = group.Destroy(ctx)
	return wait(ctx, running, err)
}

func clone(ctx context.Context, s site) error {
	folder, err := s.finder.DefaultFolder(ctx)
	if err != nil {
		return err
	}
	running, err := s.vm.Clone(ctx, folder, "by Go", types.VirtualMachineCloneSpec{})
	if err != nil {
		return err
	}
	info, err := running.WaitForResult(ctx, nil)
	if err != nil {
		return err
	}
	made := object.NewVirtualMachine(s.vim, info.Result.(types.ManagedObjectReference))
	if err := made.MarkAsTemplate(ctx); err != nil {
		return err
	}
	running, err = made.Destroy(ctx)
	return wait(ctx, running, err)
}

// An appliance deployed from its descriptor: the lease is waited for and kept alive by the library.
func deploy(ctx context.Context, s site) error {
	descriptor, err := ioutil.ReadFile(s.ovf)
	if err != nil {
		return err
	}
	pool, err := s.finder.DefaultResourcePool(ctx)
	if err != nil {
		return err
	}
	store, err := s.finder.DefaultDatastore(ctx)
	if err != nil {
		return err
	}
	network, err := s.finder.Network(ctx, "REGIONB_MGMT_3020")
	if err != nil {
		return err
	}
	wanted := types.OvfCreateImportSpecParams{EntityName: "deployed by Go"}
	wanted.NetworkMapping = []types.OvfNetworkMapping{{Name: "Management", Network: network.Reference()}}
	spec, err := ovf.NewManager(s.vim).CreateImportSpec(ctx, string(descriptor), pool, store, wanted)
	if err != nil {
		return err
	}
	folder, err := s.finder.DefaultFolder(ctx)
	if err != nil {
		return err
	}
	lease, err := pool.ImportVApp(ctx, spec.ImportSpec, folder, nil)
	if err != nil {
		return err
	}
	info, err := lease.Wait(ctx, spec.FileItem)
	if err != nil {
		return err
	}
	updater := lease.StartUpdater(ctx, info)
	defer updater.Done()
	for _, item := range info.Items {
		if err := lease.Upload(ctx, item, strings.NewReader("a disk"), soap.Upload{ContentLength: 6}); err != nil {
			return err
		}
	}
	if err := lease.Complete(ctx); err != nil {
		return err
	}
	running, err := object.NewVirtualMachine(s.vim, info.Entity).Destroy(ctx)
	return wait(ctx, running, err)
}

func managers(ctx context.Context, s site) error {
	if _, err := license.NewManager(s.vim).List(ctx); err != nil {
		return err
	}
	if _, err := object.NewOptionManager(s.vim, *s.vim.ServiceContent.Setting).Query(ctx, "VirtualCenter."); err != nil {
		return err
	}
	about := types.EventFilterSpecByEntity{Entity: s.vim.ServiceContent.RootFolder, Recursion: "all"}
	found, err := event.NewManager(s.vim).QueryEvents(ctx, types.EventFilterSpec{Entity: &about})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no event")
	}
	return err
}

// A session of another connection by a ticket, and the REST API with its tags.
func sessions(ctx context.Context, s site) error {
	ticket, err := session.NewManager(s.vim).AcquireCloneTicket(ctx)
	if err != nil {
		return err
	}
	transport := soap.NewClient(s.vim.URL(), false)
	transport.DefaultTransport().TLSClientConfig = s.vim.Client.DefaultTransport().TLSClientConfig
	other, err := vim25.NewClient(ctx, transport)
	if err != nil {
		return err
	}
	if err := session.NewManager(other).CloneSession(ctx, ticket); err != nil {
		return err
	}
	if err := session.NewManager(other).Logout(ctx); err != nil {
		return err
	}
	client := rest.NewClient(s.vim)
	if err := client.Login(ctx, s.user); err != nil {
		return err
	}
	if _, err := tags.NewManager(client).ListTags(ctx); err != nil {
		return err
	}
	return client.Logout(ctx)
}

func flows(ctx context.Context, s site) map[string]string {
	out := map[string]string{}
	for name, flow := range map[string]func(context.Context, site) error{
		"lists": lists, "everything": everything, "waits": waits, "faults": faults, "port group": portGroup,
		"clone": clone, "deploy": deploy, "managers": managers, "sessions": sessions,
	} {
		out[name] = ""
		limited, cancel := context.WithTimeout(ctx, 30*time.Second)
		if err := flow(limited, s); err != nil {
			out[name] = err.Error()
		}
		cancel()
	}
	return out
}
