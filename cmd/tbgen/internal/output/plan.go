package output

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Plan compares the files with what is under the root, a directory that exists,
// and changes nothing. A generated file that is directly in one of the owned
// directories, and not among the files, is to be removed.
//
// It refuses, naming all of them: a path that leaves the root, that goes
// through a symbolic link or that is not written in its shortest form, two
// files of one path (on a disk that ignores case as well), a file without the
// Marker, and one whose place is taken by something that was not generated.
func Plan(root string, files []File, owned []string) (*Changes, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("open the output directory: %w", err)
	}
	defer func() { _ = dir.Close() }()

	p := &planner{root: dir, wanted: map[string]string{}}
	for _, file := range files {
		p.fail(p.compare(file))
	}
	for _, directory := range owned {
		p.fail(p.findStale(directory))
	}
	if err := errors.Join(p.errs...); err != nil {
		return nil, err
	}
	slices.SortFunc(p.changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return &Changes{root: root, changes: p.changes}, nil
}

type planner struct {
	root    *os.Root
	wanted  map[string]string // path in lower case → path
	changes []Change
	errs    []error
}

func (p *planner) fail(err error) {
	if err != nil {
		p.errs = append(p.errs, err)
	}
}

// compare adds the change that the file asks for, if any.
func (p *planner) compare(file File) error {
	if err := p.claim(file); err != nil {
		return err
	}
	before, err := p.root.ReadFile(filepath.FromSlash(file.Path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.changes = append(p.changes, Change{Path: file.Path, Kind: Created, after: file.Content})
	case err != nil:
		return fmt.Errorf("read %s: %w", file.Path, err)
	case bytes.Equal(before, file.Content):
	case !Generated(before):
		return fmt.Errorf("%s is there already and was not generated: move it away or generate elsewhere", file.Path)
	default:
		p.changes = append(p.changes, Change{Path: file.Path, Kind: Updated, before: before, after: file.Content})
	}
	return nil
}

// claim checks that the file may go where it wants to, and is the only one to.
func (p *planner) claim(file File) error {
	if !Generated(file.Content) {
		return fmt.Errorf("%s does not start with the generated marker", file.Path)
	}
	if err := p.checkPath(file.Path); err != nil {
		return err
	}
	folded := strings.ToLower(file.Path)
	if other, taken := p.wanted[folded]; taken {
		return fmt.Errorf("two generated files are one: %s and %s", other, file.Path)
	}
	p.wanted[folded] = file.Path
	if info, err := p.root.Lstat(filepath.FromSlash(file.Path)); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is there already and is no ordinary file", file.Path)
	}
	return nil
}

// checkPath refuses a path that is not plainly under the root.
func (p *planner) checkPath(name string) error {
	if !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("%q is no path under the output directory", name)
	}
	for parent := path.Dir(name); parent != "."; parent = path.Dir(parent) {
		info, err := p.root.Lstat(filepath.FromSlash(parent))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return fmt.Errorf("look at %s: %w", parent, err)
		case !info.IsDir():
			return fmt.Errorf("%s goes through %s, which is no directory of its own", name, parent)
		}
	}
	return nil
}

// findStale adds the removal of every generated file of the directory that is
// not wanted any more. Directories below it are not looked into.
func (p *planner) findStale(directory string) error {
	if err := p.checkPath(path.Join(directory, "any")); err != nil {
		return fmt.Errorf("owned directory: %w", err)
	}
	entries, err := fs.ReadDir(p.root.FS(), path.Clean(directory))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the directory %s: %w", directory, err)
	}
	for _, entry := range entries {
		name := path.Join(directory, entry.Name())
		if !entry.Type().IsRegular() || p.seen(name) {
			continue
		}
		content, err := p.root.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if Generated(content) {
			p.changes = append(p.changes, Change{Path: name, Kind: Removed, before: content})
		}
	}
	return nil
}

// seen reports whether the path is wanted or is already to be removed.
func (p *planner) seen(name string) bool {
	return p.wanted[strings.ToLower(name)] == name ||
		slices.ContainsFunc(p.changes, func(c Change) bool { return c.Path == name })
}
