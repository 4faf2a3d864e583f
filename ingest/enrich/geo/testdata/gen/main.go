// Command gen makes the .mmdb files beside it, with MaxMind's own writer: invented records for a few
// networks, in the shapes that makers of such files use. Run it with `go run .` here.
package main

import (
	"log"
	"net"
	"os"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

type object = mmdbtype.Map

func main() {
	text := func(s string) mmdbtype.String { return mmdbtype.String(s) }
	names := func(s string) object {
		return object{"geoname_id": mmdbtype.Uint32(len(s)), "names": object{"de": text(s + " (de)"), "en": text(s)}}
	}
	place := func(code, country, region, city string) object {
		o := object{
			"continent": names("Europe"), "location": object{"latitude": mmdbtype.Float64(1.5), "time_zone": text("UTC")},
			"country": object{"iso_code": text(code), "names": object{"en": text(country)}},
		}
		if city != "" {
			o["city"] = names(city)
		}
		if region != "" {
			o["subdivisions"] = mmdbtype.Slice{names(region), names("District")}
		}
		return o
	}
	write("city.mmdb", "Test-City", 28, map[string]object{
		"81.2.69.0/24":     place("GB", "United Kingdom", "England", "London"),
		"89.160.20.0/24":   place("SE", "Sweden", "Östergötland County", "Linköping"),
		"193.99.144.0/24":  place("DE", "Germany", "Lower Saxony", "Hanover"),
		"8.8.8.0/24":       place("US", "United States", "", ""),
		"193.100.0.0/16":   {"location": object{"time_zone": text("UTC")}}, // a place without a name
		"2a02:8100::/32":   place("DE", "Germany", "Hesse", "Frankfurt am Main"),
		"192.168.0.0/16":   place("GB", "United Kingdom", "England", "London"), // must not count
		"2001:db8::/32":    place("GB", "United Kingdom", "England", "London"),
		"2001:4860::/32":   place("US", "United States", "California", "Mountain View"),
		"216.160.83.56/29": place("US", "United States", "Washington", "Milton"),
		"175.16.199.0/24":  place("CN", "China", "Jilin Sheng", "Changchun"),
		"2.125.160.216/29": place("GB", "United Kingdom", "England", "Boxford"),
		"67.43.156.0/24":   place("BT", "Bhutan", "", ""),
		"202.196.224.0/20": place("PH", "Philippines", "", ""),
		"2a02:d280::/29":   place("CZ", "Czechia", "", ""),
		"2001:218::/32":    place("JP", "Japan", "", ""),
	})
	write("city-next.mmdb", "Test-City", 24, map[string]object{
		"81.2.69.0/24": place("GB", "United Kingdom", "England", "Cambridge"),
	})
	owner := func(n uint32, name string) object {
		o := object{"autonomous_system_number": mmdbtype.Uint32(n)}
		if name != "" {
			o["autonomous_system_organization"] = text(name)
		}
		return o
	}
	write("network.mmdb", "Test-ASN", 24, map[string]object{
		"81.2.69.0/24":    owner(64496, "Example Networks Ltd"),
		"193.99.144.0/24": owner(64497, ""),
		"2a02:8100::/32":  owner(64498, "Beispiel Telekom"),
		"10.0.0.0/8":      owner(64499, "Nobody"),
	})
	write("flat-city.mmdb", "flat standard_location", 32, map[string]object{
		"81.2.69.0/24": {"city": text("London"), "region": text("England"), "country": text("GB")},
	})
	write("flat-network.mmdb", "flat lite", 24, map[string]object{
		"81.2.69.0/24": {"asn": text("AS64496"), "as_name": text("Example Networks Ltd"),
			"country": text("United Kingdom"), "country_code": text("GB")},
	})
}

func write(name, kind string, size int, networks map[string]object) {
	w, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType: kind, RecordSize: size, BuildEpoch: 1700000000, IncludeReservedNetworks: true,
		DisableIPv4Aliasing: true, Description: map[string]string{"en": "invented, for tests"}, Languages: []string{"en"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for cidr, record := range networks {
		_, n, err := net.ParseCIDR(cidr)
		if err == nil {
			err = w.Insert(n, record)
		}
		if err != nil {
			log.Fatal(cidr, ": ", err)
		}
	}
	f, err := os.Create("../" + name)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := w.WriteTo(f); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
}
