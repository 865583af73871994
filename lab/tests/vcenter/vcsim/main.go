// vcsim: govmomi's vCenter simulator, which Debian packages as a library without a command.
// Prints the port it took; ends on SIGTERM, and when standard input closes.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"io/ioutil"
	"log"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/vmware/govmomi/simulator"
)

func main() {
	user := flag.String("username", "svc", "who may log in")
	password := flag.String("password", "secret", "and the password")
	cert := flag.String("cert", "", "PEM file with the certificate chain and its key")
	nsx := flag.Int("nsx", 1, "NSX-backed port groups, and as many opaque networks")
	flag.Parse()

	model := simulator.VPX()
	model.Machine, model.PortgroupNSX, model.OpaqueNetwork = 0, *nsx, *nsx
	if err := model.Create(); err != nil {
		log.Fatal(err)
	}
	defer model.Remove()
	pair, err := tls.LoadX509KeyPair(*cert, *cert)
	if err != nil {
		log.Fatal(err)
	}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword(*user, *password)}
	server := model.Service.NewServer()
	defer server.Close()
	fmt.Println(server.URL.Port())

	ended := make(chan os.Signal, 2)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	go func() { io.Copy(ioutil.Discard, os.Stdin); ended <- syscall.SIGTERM }()
	<-ended
}
