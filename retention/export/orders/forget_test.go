package orders

import (
	"os"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/person"
	"analytics/engine/store"
)

// TestForgettingTakesFilesThatAreMade of the person's tenant; what waits in line is made when they are gone.
func TestForgettingTakesFilesThatAreMade(t *testing.T) {
	p := open(t, 10, 0)
	order := func(of store.Tenant) *Order {
		t.Helper()
		o := &Order{tenant: of, Kind: event.AIRequest.String(), File: "csv", From: noon.Add(-time.Hour), To: noon}
		if err := p.office.take(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	made, others := order(store.Default), order(store.Tenant{'o'})
	for p.office.next(t.Context()) {
	}
	waits := order(store.Default)
	who := &person.Person{Tenant: store.Default, Is: func(string) bool { return false }, Dry: true}
	for _, dry := range []bool{true, false} {
		who.Dry = dry
		found, err := p.office.Forget(t.Context(), p.store, who)
		if err != nil || len(found) != 1 || found[0].Done != person.Removed {
			t.Errorf("%+v, %v", found, err)
		}
		for o, want := range map[*Order]bool{made: dry, others: true} {
			if _, err := os.Stat(p.office.root.Name() + "/" + o.name()); (err == nil) != want {
				t.Errorf("dry %v, %x: %v, want it to be there: %v", dry, o.tenant, err, want)
			}
		}
	}
	if _, err := p.office.find(store.Default, made.ID); err == nil {
		t.Error("its order is still there")
	}
	if o, err := p.office.find(store.Default, waits.ID); err != nil || o.State != Pending {
		t.Errorf("%+v, %v", o, err)
	}
}
