module example.com/conformance

go 1.25.0

require (
	github.com/getsentry/sentry-go v0.46.2
	github.com/rollbar/rollbar-go v1.4.5
	golang.org/x/text v0.14.0
)

require golang.org/x/sys v0.18.0 // indirect
