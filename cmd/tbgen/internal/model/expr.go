package model

// Expr is a Go type expression.
type Expr struct {
	// Go is the expression of a type that needs no other: "string",
	// "time.Time", "json.RawMessage"; "" for the rest.
	Go string
	// Named is set for a named type of a generated package.
	Named *Type
	// Slice and Map hold the type of the elements.
	Slice, Map *Expr
	// Pointer is set where nil stands for absent or null.
	Pointer bool
	// Nullable is set where the schema admits null.
	Nullable bool
	// Interface is set for a port.
	Interface *Interface
}

// In is the expression as written in the package of home.
func (e *Expr) In(home Home) string { return e.code(&home) }

// Outside is the expression as written in a package that is neither.
func (e *Expr) Outside() string { return e.code(nil) }

func (e *Expr) code(home *Home) string {
	prefix := ""
	if e.Pointer {
		prefix = "*"
	}
	switch {
	case e.Named != nil:
		return prefix + qualify(home, e.Named.Home) + e.Named.Name
	case e.Interface != nil:
		return prefix + qualify(home, Ports) + e.Interface.Name
	case e.Slice != nil:
		return prefix + "[]" + e.Slice.code(home)
	case e.Map != nil:
		return prefix + "map[string]" + e.Map.code(home)
	default:
		return prefix + e.Go
	}
}

func qualify(from *Home, of Home) string {
	switch {
	case from != nil && *from == of:
		return ""
	case of == Ports:
		return "port."
	default:
		return "model."
	}
}

// NilIsAbsent reports whether the type's zero value is nil, so that an
// optional member needs no pointer.
func (e *Expr) NilIsAbsent() bool {
	return e.Pointer || e.Slice != nil || e.Map != nil || e.Interface != nil ||
		e.Go == "json.RawMessage" || e.Go == "[]byte" || e.IsUnion()
}

// IsUnion reports whether the type is a sealed interface.
func (e *Expr) IsUnion() bool { return e.Named != nil && e.Named.Kind == Union }

// hidesUnion reports whether a union lies deeper than a list, where generated
// decoders do not reach.
func (e *Expr) hidesUnion() bool {
	found := false
	e.Walk(func(x *Expr) {
		found = found || x.IsUnion() && x != e && x != e.Slice
	})
	return found
}

// Walk calls visit for the expression and all within it.
func (e *Expr) Walk(visit func(*Expr)) {
	visit(e)
	if e.Slice != nil {
		e.Slice.Walk(visit)
	}
	if e.Map != nil {
		e.Map.Walk(visit)
	}
}

// optional is the type of a member that may be absent.
func (e *Expr) optional() *Expr {
	if e.NilIsAbsent() {
		return e
	}
	pointer := *e
	pointer.Pointer = true
	return &pointer
}
