package geo

// Config is the `geo:` block: files in MaxMind's format. Whether they can be used says who uses them: a verb that
// needs none does its work without.
type Config struct {
	// City is a file that has cities, and with them regions and countries.
	City string `yaml:"city"`
	// Network is a file that has the networks' owners.
	Network string `yaml:"network"`
}

// files are the paths by kind.
func (c Config) files() [kinds]string { return [kinds]string{city: c.City, network: c.Network} }

// kind is what a file is about.
type kind int

const (
	city kind = iota
	network
	kinds
)

// String is the key in the settings.
func (k kind) String() string { return [kinds]string{"city", "network"}[k] }

// wants says what a file of the kind has, to who gave another one.
func (k kind) wants() string {
	return [kinds]string{
		"cities, such as GeoLite2-City.mmdb", "networks, such as GeoLite2-ASN.mmdb",
	}[k]
}
