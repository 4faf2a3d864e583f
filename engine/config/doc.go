// Package config reads settings: defaults, then a YAML file, then the environment.
//
// It owns how a setting is written, not which settings there are: every room has a Config struct of
// its own with defaults and a Validate method, and main.go puts them into one. It promises that an
// unknown key is an error that names the line and the nearest known key, that all problems come at
// once, and that a Secret is never printed. It is the only package that knows YAML.
package config
