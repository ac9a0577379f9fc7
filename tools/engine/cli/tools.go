//go:build tools

// Package cli pins the Pulumi CLI as a tool dependency: the module's own replace directives rule out a plain `go install`.
package cli

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
