package model

import (
	"slices"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/diag"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// Interface is a store, service or other port that is written by hand. The
// methods of a sink are told something and answer nothing.
type Interface struct {
	Name, Kind, Doc string
	Methods         []*Method
	Place           diag.Place
}

// Method is one method of an interface: context first, error last.
type Method struct {
	Name, GoName, Doc   string
	Parameters, Results []*Argument
	Errors              []string
}

// Argument is a parameter or a result of a method.
type Argument struct {
	Name string
	Type *Expr
}

var kinds = []string{"store", "service", "executor", "policy", "probe", "sink"}

func (b *builder) ports() {
	v := b.openapi.Get("x-tbgen-ports")
	for name, record := range v.Get("records").Members() {
		b.expr(record, name, Ports)
	}
	declared := v.Get("interfaces")
	for name, port := range declared.Members() {
		i := &Interface{Name: GoName(name), Kind: port.Get("kind").Text(), Doc: docOf(port), Place: port.Place()}
		if !slices.Contains(kinds, i.Kind) {
			port.Errorf("port-kind", "port %s needs a kind: one of %v", name, kinds)
		}
		b.types.reserve(Ports, i.Name, port.Place())
		b.m.Interfaces = append(b.m.Interfaces, i)
	}
	for name, port := range declared.Members() {
		b.methods(b.port(GoName(name)), port.Get("methods"))
	}
}

func (b *builder) port(name string) *Interface {
	index := slices.IndexFunc(b.m.Interfaces, func(i *Interface) bool { return i.Name == name })
	if index < 0 {
		return nil
	}
	return b.m.Interfaces[index]
}

func (b *builder) methods(i *Interface, list load.Value) {
	for name, v := range list.Members() {
		m := &Method{Name: name, GoName: GoName(name), Doc: docOf(v), Errors: v.Get("errors").Texts()}
		b.knownErrors(v.Get("errors"))
		m.Parameters = b.arguments(i.Name+m.GoName, v.Get("parameters"))
		m.Results = b.arguments(i.Name+m.GoName, v.Get("results"))
		if i.Kind == "sink" && len(m.Results)+len(m.Errors) > 0 {
			v.Errorf("port-sink", "%s is a sink: its methods have neither results nor errors", i.Name)
		}
		i.Methods = append(i.Methods, m)
	}
}

func (b *builder) arguments(owner string, list load.Value) []*Argument {
	var found []*Argument
	for v := range list.Items() {
		a := &Argument{Name: VarName(v.Get("name").Text())}
		if port := v.Get("port"); port.Exists() {
			a.Type = &Expr{Interface: b.port(GoName(port.Text()))}
			if a.Type.Interface == nil {
				port.Errorf("port-unknown", "there is no port %q", port.Text())
				continue
			}
		} else {
			a.Type = b.expr(v.Get("schema"), owner+"_"+a.Name, Ports)
		}
		if v.Get("optional").True() {
			a.Type = a.Type.optional()
		}
		found = append(found, a)
	}
	return found
}
