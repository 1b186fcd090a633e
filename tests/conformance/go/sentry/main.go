// Reports through unmodified sentry-go: DSN RELEASE KIND. Prints the event id.
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"

	"example.com/conformance/shop"
)

var paris = &shop.Shop{Name: "paris"}

// recovered runs f and reports its panic.
func recovered(f func()) (id *sentry.EventID) {
	defer func() {
		if err := recover(); err != nil {
			id = sentry.CurrentHub().Recover(err)
		}
	}()
	f()
	return nil
}

func reportError(count int) *sentry.EventID {
	return sentry.CaptureException(paris.Pick(count))
}

func reportElsewhere(count int) *sentry.EventID {
	return sentry.CaptureException(paris.Pick(count))
}

// served fails in a handler of net/http behind the SDK's middleware.
func served() *sentry.EventID {
	var id *sentry.EventID
	handler := sentryhttp.New(sentryhttp.Options{}).HandleFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, paris.First(len(r.URL.Path)))
	})
	sentry.CurrentHub().Client().AddEventProcessor(func(event *sentry.Event, _ *sentry.EventHint) *sentry.Event {
		id = &event.EventID
		return event
	})
	request := httptest.NewRequest("GET", "http://shop.example/banners?page=2", nil)
	request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	http.HandlerFunc(handler).ServeHTTP(httptest.NewRecorder(), request)
	return id
}

func report(kind string) *sentry.EventID {
	switch kind {
	case "error":
		return reportError(3)
	case "elsewhere":
		return reportElsewhere(3)
	case "panic":
		return recovered(func() { paris.First(2) })
	case "text panic":
		return recovered(func() { paris.Last() })
	case "foreign panic":
		return recovered(func() { paris.Language("not a language") })
	case "message":
		return sentry.CaptureMessage("stock of paris is low")
	case "served":
		return served()
	}
	panic("no such kind: " + kind)
}

func main() {
	err := sentry.Init(sentry.ClientOptions{
		Dsn: os.Args[1], Release: os.Args[2], Environment: "production", ServerName: "web-1", Dist: "7",
		AttachStacktrace: true, SendDefaultPII: true,
	})
	if err != nil {
		panic(err)
	}
	sentry.ConfigureScope(func(scope *sentry.Scope) {
		scope.SetUser(sentry.User{ID: "17", Username: "ada", Email: "ada@shop.example", IPAddress: "192.0.2.7",
			Data: map[string]string{"plan": "gold"}})
		scope.SetTag("shop", "paris")
		scope.SetContext("order", sentry.Context{"number": 17, "lines": []int{1, 2}})
		scope.AddBreadcrumb(&sentry.Breadcrumb{Category: "cart", Message: "two added", Level: sentry.LevelInfo,
			Data: map[string]any{"count": 2}}, 10)
	})
	id := report(os.Args[3])
	if !sentry.Flush(20 * time.Second) {
		panic("not sent")
	}
	fmt.Println(*id)
}
