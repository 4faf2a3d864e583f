package funnels

import (
	"context"
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/glob"
	"analytics/engine/store"
)

// counter gathers who did what when.
type counter struct {
	question Question
	steps    []Step
	window   event.Micros

	people  map[string]int32 // by a letter and an identifier
	each    []person
	hits    []hit
	values  map[string]int32 // of the dimension
	names   []string
	rows    int64
	sampled bool
	key     []byte
}

// person is a user, a visitor or a session.
type person struct {
	session bool
	user    int32        // who the visitor is, -1 if nobody knows
	since   event.Micros // when that was first seen
	seen    bool         // first and value are those of the first page view
	first   event.Micros
	value   int32
	passes  bool
}

// see takes a page view of the person. Of two at the same moment the smaller value counts, and one that
// passes is enough, so that it matters to nobody in which order they came.
func (p *person) see(at event.Micros, value int32, passes bool, names []string) {
	switch {
	case !p.seen || at < p.first:
		p.seen, p.first, p.value, p.passes = true, at, value, passes
	case at == p.first:
		p.passes = p.passes || passes
		if names[value] < names[p.value] {
			p.value = value
		}
	}
}

// layout is where a kind has what is needed.
type layout struct{ site, name, visitor, class, weight int }

var layouts = map[event.Kind]layout{
	event.PageView: {event.PageSite, event.PagePath, event.PageVisitorID, event.PageBotClass, event.PageWeight},
	event.Custom: {event.CustomSite, event.CustomName, event.CustomVisitorID, event.CustomBotClass,
		event.CustomWeight},
}

// read reads all events that matter.
func (c *counter) read(ctx context.Context, s *store.Store) error {
	c.value("") // of who saw no page
	c.value(Other)
	for _, kind := range []event.Kind{event.PageView, event.Custom} {
		if !c.matters(kind) {
			continue
		}
		if err := c.readKind(ctx, s, kind); err != nil {
			return err
		}
	}
	return nil
}

// matters says whether events of a kind are steps, say where people belong, or keep sessions going.
func (c *counter) matters(kind event.Kind) bool {
	return c.question.Sessions || c.places(kind) ||
		slices.ContainsFunc(c.steps, func(s Step) bool { return s.kind == kind })
}

// places says whether events of a kind say where people begin, and somebody asks for that.
func (c *counter) places(kind event.Kind) bool {
	return kind == event.PageView && (c.question.By != "" || c.question.Where.Passing != nil)
}

func (c *counter) readKind(ctx context.Context, s *store.Store, kind event.Kind) error {
	from, to := event.MicrosOf(c.question.From), event.MicrosOf(c.question.To)+c.window
	n := s.Snapshot(store.Range{Tenant: c.question.Tenant, Kind: kind, From: from, To: to})
	defer n.Release()
	fields := c.fields(kind)
	for _, chunk := range n.Chunks() {
		rec, err := chunk.Read(ctx, fields)
		if err != nil {
			return err
		}
		err = c.add(newTable(kind, rec), from, to)
		rec.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// fields are the columns that are read.
func (c *counter) fields(kind event.Kind) []int {
	w := layouts[kind]
	fields := []int{event.Timestamp, event.UserID, w.name, w.visitor, w.class, w.weight}
	for _, s := range c.steps {
		if s.kind == kind && len(s.where) > 0 {
			fields = append(fields, event.PropertiesField)
		}
		if s.kind == kind && s.site {
			fields = append(fields, w.site)
		}
	}
	if c.question.Sessions {
		fields = append(fields, event.SessionID, w.site)
	}
	if c.question.By != "" && kind == event.PageView {
		fields = append(fields, dimensions[c.question.By])
	}
	if c.places(kind) {
		fields = append(fields, c.question.Where.Fields...)
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// add takes the rows of a record that are in [from, to).
func (c *counter) add(t *table, from, to event.Micros) error {
	w := layouts[t.kind]
	class, masks := t.column(w.class), c.masks(t)
	people := class.each(func(v string) bool {
		return c.question.Bots || v == "" || v == "human" || v == "ghost"
	})
	where := c.where(t)
	weight := t.column(w.weight)
	users, visitors, sessions := t.column(event.UserID), t.column(w.visitor), t.column(event.SessionID)
	for i, at := range t.times {
		at := event.Micros(at)
		if at < from || at >= to {
			continue
		}
		c.rows++
		if !people[class.code(i)] {
			continue
		}
		c.sampled = c.sampled || weight.int(i) > 1
		mask := masks(i)
		user := users.string(i)
		if mask == 0 && where == nil && len(user) == 0 && !c.question.Sessions {
			continue
		}
		who := c.who(at, user, visitors.id(i), sessions.string(i))
		if who < 0 {
			continue
		}
		if where != nil && at < event.MicrosOf(c.question.To) {
			value, passes := where(i)
			c.each[who].see(at, value, passes, c.names)
		}
		if mask != 0 || c.question.Sessions {
			c.hits = append(c.hits, hit{at, who, mask})
		}
		if len(c.each) > maxPeople || len(c.hits) > maxHits {
			return fault.New(fault.TooLarge, "range_too_large",
				"there are more than %d people or %d events in this range; ask for a shorter one",
				maxPeople, maxHits)
		}
	}
	return nil
}

// masks says which steps a row is.
func (c *counter) masks(t *table) func(row int) uint32 {
	w := layouts[t.kind]
	name, site, properties := t.column(w.name), t.column(w.site), t.column(event.PropertiesField)
	var tests []func(row int) bool
	for _, s := range c.steps {
		switch {
		case s.kind != t.kind:
			tests = append(tests, nil)
		case s.site:
			tests = append(tests, func(row int) bool {
				return glob.Match(s.glob, site.string(row)+name.string(row)) &&
					s.meets(properties.string(row))
			})
		default:
			good := name.each(func(v string) bool { return glob.Match(s.glob, v) })
			tests = append(tests, func(row int) bool {
				return good[name.code(row)] && s.meets(properties.string(row))
			})
		}
	}
	return func(row int) (mask uint32) {
		for s, is := range tests {
			if is != nil && is(row) {
				mask |= 1 << s
			}
		}
		return mask
	}
}

// where says of each row which value of the dimension it has and whether it passes; nil if the events are
// of no place.
func (c *counter) where(t *table) func(row int) (value int32, passes bool) {
	if !c.places(t.kind) {
		return nil // other kinds have other fields under the same numbers
	}
	var by column
	if c.question.By != "" {
		by = t.column(dimensions[c.question.By])
	}
	codes := c.codes(by)
	if c.question.Where.Passing == nil {
		return func(row int) (int32, bool) { return codes[by.code(row)], true }
	}
	passing := make([]bool, t.rec.NumRows())
	for _, row := range c.question.Where.Passing(t.rec) {
		passing[row] = true
	}
	return func(row int) (int32, bool) { return codes[by.code(row)], passing[row] }
}

// codes are the values of the dimension by the codes of the column.
func (c *counter) codes(col column) []int32 {
	codes := make([]int32, col.len()+1)
	for i := range col.len() {
		codes[i] = c.value(col.names.Value(i))
	}
	return codes
}

func (c *counter) value(name string) int32 {
	code, ok := c.values[name]
	if !ok && len(c.names) >= maxNames {
		return c.value(Other)
	}
	if !ok {
		code = int32(len(c.names))
		c.values[name] = code
		c.names = append(c.names, name)
	}
	return code
}

// who finds the person of an event, -1 if it is nobody's, and learns whose visitor it is.
func (c *counter) who(at event.Micros, user string, visitor []byte, session string) int32 {
	switch {
	case c.question.Sessions && session != "":
		i := personOf(c, 's', session)
		c.each[i].session = true
		return i
	case user == "" && visitor == nil:
		return -1
	case user == "" || c.question.Sessions && visitor != nil:
		return personOf(c, 'v', visitor)
	}
	u := personOf(c, 'u', user)
	if visitor != nil {
		p := &c.each[personOf(c, 'v', visitor)]
		if p.user < 0 || at < p.since {
			p.user, p.since = u, at
		}
	}
	return u
}

func personOf[T string | []byte](c *counter, letter byte, id T) int32 {
	c.key = append(append(c.key[:0], letter), id...)
	i, ok := c.people[string(c.key)]
	if !ok {
		i = int32(len(c.each))
		c.people[string(c.key)] = i
		c.each = append(c.each, person{user: -1})
	}
	return i
}
