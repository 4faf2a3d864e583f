package enrich

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"net/netip"
	"time"
	"unsafe"

	"analytics/engine/event"
	"analytics/ingest/enrich/geo"
)

// Enricher fills the derived fields of events while they are taken in. It is safe for concurrent
// use; each caller brings its own Scratch.
type Enricher struct {
	lists  *Lists
	salts  *Salts
	late   late
	agents *cache[Agent]
	atlas  *geo.Atlas // nil knows countries
	// named is the site whose pages are on a host; nil says that each host is one.
	named func(host []byte) []byte
}

// agentsKept bounds the cache of user agents, at most 512 bytes each: a site sees a few hundred in
// use, and a flood of invented ones must not fill the memory.
const agentsKept = 2048

// New makes an enricher.
func New(lists *Lists, salts *Salts) *Enricher {
	return &Enricher{lists: lists, salts: salts, agents: newCache[Agent](agentsKept)}
}

// Locate lets places be found in an atlas. It is set before the first event comes.
func (n *Enricher) Locate(atlas *geo.Atlas) { n.atlas = atlas }

// Name tells sites by hosts, where an event does not say its site. It is set before the first event comes.
func (n *Enricher) Name(named func(host []byte) []byte) { n.named = named }

// Sweep deletes the visitor salts that are over, for days on which nobody comes.
func (n *Enricher) Sweep(ctx context.Context, now time.Time) error {
	return n.salts.Sweep(ctx, now)
}

// Scratch is the working memory of one caller. What an event got from Enricher.Event is valid until
// Reset.
type Scratch struct {
	text  []byte
	mac   hash.Hash
	print hash.Hash // of fingerprints, with the house's secret
	salt  Salt
}

// Reset forgets the text of the events before.
func (s *Scratch) Reset() { s.text = s.text[:0] }

// keep makes a copy of text that lives as long as the event.
func (s *Scratch) keep(text string) []byte {
	at := len(s.text)
	s.text = append(s.text, text...)
	return s.text[at:len(s.text):len(s.text)]
}

// Event fills the derived fields of e from its url, referrer, user agent and address. The only
// error is a salt that cannot be stored.
func (n *Enricher) Event(ctx context.Context, e *event.Event, now time.Time, s *Scratch) error {
	switch e.Kind {
	case event.AIRequest:
		if e.Has(event.AIClientIP) {
			s.set(e, event.AICountry, n.atlas.Country(address(e.Text(event.AIClientIP))))
		}
		return nil
	case event.PageView:
		return n.pageView(ctx, e, now, s)
	case event.Engagement:
		return n.sender(ctx, e, &engagement, now, s)
	case event.Custom:
		return n.sender(ctx, e, &custom, now, s)
	}
	return nil
}

// set sets a text field unless the text is empty.
func (s *Scratch) set(e *event.Event, field int, text string) {
	if text != "" {
		e.SetText(field, s.keep(text))
	}
}

func (n *Enricher) pageView(
	ctx context.Context, e *event.Event, now time.Time, s *Scratch,
) error {
	if err := n.sender(ctx, e, &page, now, s); err != nil {
		return err
	}
	if err := n.fingerprint(ctx, e, s); err != nil {
		return err
	}
	u, _ := SplitURL(e.Text(event.PageURL))
	if u.Host == nil {
		u.Host = e.Text(event.PageSite) // what the visit's own referrers are compared with
	}
	v := n.lists.Visit(u, e.Text(event.PageReferrer))
	if len(v.ReferrerHost) > 0 {
		e.SetText(event.PageReferrerHost, v.ReferrerHost)
	}
	s.set(e, event.PageSource, v.Source)
	s.set(e, event.PageChannel, v.Channel)
	s.set(e, event.PageMedium, v.Medium)
	s.set(e, event.PageCampaign, v.Campaign)
	s.set(e, event.PageUTMTerm, v.Term)
	s.set(e, event.PageUTMContent, v.Content)
	s.set(e, event.PageClickID, v.Click)
	place := n.atlas.Place(address(e.Text(event.PageClientIP)))
	s.set(e, event.PageCountry, place.Country)
	s.set(e, event.PageRegion, place.Region)
	s.set(e, event.PageCity, place.City)
	s.set(e, event.PageNetwork, place.Network)
	if e.Has(event.PageUserAgent) {
		a := n.agent(e.Text(event.PageUserAgent))
		if e.Has(event.PageClientHints) {
			a = a.hinted(e.Text(event.PageClientHints))
		}
		s.set(e, event.PageDevice, a.Device)
		s.set(e, event.PageBrowser, a.Browser)
		s.set(e, event.PageBrowserVersion, a.BrowserVersion)
		s.set(e, event.PageOS, a.OS)
		s.set(e, event.PageOSVersion, a.OSVersion)
	}
	return nil
}

// slots are the fields that the three kinds of the web have under different numbers.
type slots struct {
	url, site, path, agent, ip, class, bot, visitor int
	purpose, score, reasons, version, signals       int
}

var (
	page = slots{
		event.PageURL, event.PageSite, event.PagePath, event.PageUserAgent, event.PageClientIP,
		event.PageBotClass, event.PageBotName, event.PageVisitorID,
		event.PageBotPurpose, event.PageBotScore, event.PageBotReasons, event.PageClassifier,
		event.PageSignals,
	}
	engagement = slots{
		event.EngagementURL, event.EngagementSite, event.EngagementPath, event.EngagementUserAgent,
		event.EngagementClientIP, event.EngagementBotClass, event.EngagementBotName,
		event.EngagementVisitorID,
		event.EngagementBotPurpose, event.EngagementBotScore, event.EngagementBotReasons, event.EngagementClassifier,
		event.EngagementSignals,
	}
	custom = slots{
		event.CustomURL, event.CustomSite, event.CustomPath, event.CustomUserAgent,
		event.CustomClientIP, event.CustomBotClass, event.CustomBotName, event.CustomVisitorID,
		event.CustomBotPurpose, event.CustomBotScore, event.CustomBotReasons, event.CustomClassifier,
		event.CustomSignals,
	}
)

// Elsewhere is the site of what happened at a URL that names none, such as /pricing, where the event names none
// either: page views are of sites, whatever the sender left out, and what is of no site is what programs do. An
// event of kind event without a URL stays of no site.
const Elsewhere = "(unknown)"

// sender fills what all kinds of the web have: site, path, bot and visitor.
func (n *Enricher) sender(
	ctx context.Context, e *event.Event, f *slots, now time.Time, s *Scratch,
) error {
	if u, ok := SplitURL(e.Text(f.url)); ok {
		e.SetText(f.path, u.Path)
		if host := u.Host; !e.Has(f.site) && len(host) > 0 {
			if n.named != nil {
				host = n.named(host)
			}
			e.SetText(f.site, host)
		}
	}
	if !e.Has(f.site) && e.Has(f.url) {
		e.SetText(f.site, s.keep(Elsewhere))
	}
	var a Agent
	if e.Has(f.agent) {
		a = n.agent(e.Text(f.agent))
	}
	if v := judge(&a, f.evidence(e)); v != (Verdict{}) {
		f.write(e, v, s.keep)
	}
	return n.visitor(ctx, e, f, now, s)
}

func (n *Enricher) agent(ua []byte) Agent {
	return n.agents.get(CutText(ua, MaxAgent), n.lists.Agent)
}

// visitor sets the id under which the same visitor goes for a day: made of address and user agent,
// or where a server sends neither, of the user or session it names.
func (n *Enricher) visitor(
	ctx context.Context, e *event.Event, f *slots, now time.Time, s *Scratch,
) error {
	who := [2][]byte{e.Text(f.ip), e.Text(f.agent)}
	switch a := address(who[0]); {
	case a.Is6() && !a.Is4In6():
		prefix, _ := a.Prefix(64) // a household; the rest changes by the hour
		who[0] = prefix.Addr().AppendTo(s.Room(48))
	case a.IsValid():
		who[0] = a.Unmap().AppendTo(s.Room(48))
	case e.Has(event.UserID):
		who = [2][]byte{e.Text(event.UserID), []byte("user")}
	case e.Has(event.SessionID):
		who = [2][]byte{e.Text(event.SessionID), []byte("session")}
	default:
		return nil
	}
	at := e.Time().Time()
	id, err := n.idAt(ctx, at, now, s, e.Text(f.site), who)
	if err != nil {
		return err
	}
	if away := now.Sub(at); away < live && away > -live {
		today, moment := dayOf(at), e.Time()
		if !isLate(today, moment) && n.late.any(today-1, moment) {
			before, err := n.idAt(ctx, at.AddDate(0, 0, -1), now, s, e.Text(f.site), who)
			if err != nil {
				return err
			}
			if n.late.goesOn(today-1, before, moment) {
				id = before
			}
		}
		n.late.note(today, id, moment)
	}
	text := s.Room(16)[:16]
	hex.Encode(text, id[:])
	e.SetID(f.visitor, text)
	return nil
}

// idAt is the id of somebody on a site for the day of a moment.
func (n *Enricher) idAt(
	ctx context.Context, at, now time.Time, s *Scratch, site []byte, who [2][]byte,
) (id visitorID, err error) {
	salt, err := n.salts.At(ctx, at, now)
	if err != nil {
		return id, err
	}
	if s.mac == nil || s.salt != salt {
		s.mac, s.salt = hmac.New(sha256.New, salt[:]), salt
	}
	s.mac.Reset()
	head := binary.BigEndian.AppendUint32(s.Room(sha256.Size), uint32(dayOf(at)))
	for _, part := range [][]byte{site, who[0], who[1]} {
		head = binary.BigEndian.AppendUint32(head, uint32(len(part)))
		_, _ = s.mac.Write(head)
		_, _ = s.mac.Write(part)
		head = head[:0]
	}
	copy(id[:], s.mac.Sum(head))
	return id, nil
}

// Room is empty memory for n bytes that lives as long as the event.
func (s *Scratch) Room(n int) []byte {
	at := len(s.text)
	s.text = append(s.text, make([]byte, n)...)
	return s.text[at:at:len(s.text)]
}

// address reads an IP address; what is none gives the zero one.
func address(text []byte) netip.Addr {
	if len(text) == 0 {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(text), len(text)))
	if err != nil {
		return netip.Addr{}
	}
	return a.WithZone("")
}
