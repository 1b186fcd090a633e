// Reports through unmodified rollbar-go: TOKEN ENDPOINT RELEASE KIND. Prints the uuid.
package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"

	"github.com/rollbar/rollbar-go"

	"example.com/conformance/shop"
)

var paris = &shop.Shop{Name: "paris"}

var extras = map[string]interface{}{"order": 17}

func reportError(count int) {
	rollbar.ErrorWithExtras(rollbar.ERR, paris.Pick(count), extras)
}

func reportElsewhere(count int) {
	rollbar.ErrorWithExtras(rollbar.ERR, paris.Pick(count), extras)
}

func reportRequest(count int) {
	request, _ := http.NewRequest("GET", "http://shop.example/banners?page=2", nil)
	request.RemoteAddr = "192.0.2.7:40000"
	request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	rollbar.RequestErrorWithExtras(rollbar.WARN, request, paris.Pick(count), extras)
}

func report(kind string) {
	switch kind {
	case "error":
		reportError(3)
	case "elsewhere":
		reportElsewhere(3)
	case "panic":
		rollbar.WrapAndWait(func() { paris.First(2) })
	case "text panic":
		rollbar.WrapAndWait(func() { paris.Last() })
	case "foreign panic":
		rollbar.WrapAndWait(func() { paris.Language("not a language") })
	case "message":
		rollbar.MessageWithExtras(rollbar.WARN, "stock of paris is low", extras)
	case "request":
		reportRequest(3)
	default:
		panic("no such kind: " + kind)
	}
}

func main() {
	var id string
	rollbar.SetToken(os.Args[1])
	rollbar.SetEndpoint(os.Args[2])
	rollbar.SetCodeVersion(os.Args[3])
	rollbar.SetEnvironment("production")
	rollbar.SetServerHost("web-1")
	rollbar.SetPerson("17", "ada", "ada@shop.example", rollbar.WithPersonExtra(map[string]string{"plan": "gold"}))
	rollbar.SetCustom(map[string]interface{}{"shop": "paris"})
	rollbar.SetTransform(func(data map[string]interface{}) {
		random := make([]byte, 16)
		rand.Read(random)
		id = fmt.Sprintf("%x", random)
		data["uuid"] = id
	})
	report(os.Args[4])
	rollbar.Close()
	fmt.Println(id)
}
