module example.com/conformance/rollbar

go 1.25.0

require (
	github.com/rollbar/rollbar-go v1.4.5
	golang.org/x/text v0.14.0
)
