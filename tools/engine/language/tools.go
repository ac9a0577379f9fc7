//go:build tools

// Package language pins the Node.js language host: v3.68.0 is the last release of the sdk module that still contains it.
package language

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
