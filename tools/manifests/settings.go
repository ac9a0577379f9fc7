// Reads a request to Pulumi Cloud as JSON and writes what Pulumi's own types take from it: go run settings.go <kind>. Runs in a module that requires
// pulumi-cloud-sdk. A property that the types do not know is missing in the output, and a wrong type is an error.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-cloud-sdk/go/apitype"
)

func main() {
	requests := map[string]any{
		"settings":       &apitype.DeploymentSettingsRequest{},
		"drift-schedule": &apitype.CreateScheduledDriftDeploymentRequest{},
	}
	request, known := requests[os.Args[1]]
	if !known {
		fail(fmt.Errorf("unknown kind of request: %s", os.Args[1]))
	}
	if err := json.NewDecoder(os.Stdin).Decode(request); err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(request); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
