package output

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
)

// Apply writes and removes files until the disk is as generated. It is all or
// nothing as far as a file system allows: new files are written beside their
// places and only then renamed into them, and on an error everything is put
// back. A file that was changed since Plan is such an error.
func (c *Changes) Apply() (err error) {
	root, err := os.OpenRoot(c.root)
	if err != nil {
		return fmt.Errorf("open the output directory: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()

	t := &transaction{root: root}
	if err := t.run(c.changes); err != nil {
		return errors.Join(err, t.rollBack())
	}
	return t.finish()
}

// transaction remembers how to take back what it has done so far.
type transaction struct {
	root    *os.Root
	undo    []func() error // to be called from the last to the first
	backups []string
	names   int
}

func (t *transaction) run(changes []Change) error {
	staged := make([]string, len(changes))
	for i, change := range changes {
		if change.Kind == Removed {
			continue
		}
		var err error
		if staged[i], err = t.stage(change); err != nil {
			return fmt.Errorf("write %s: %w", change.Path, err)
		}
	}
	for i, change := range changes {
		if err := t.commit(change, staged[i]); err != nil {
			return fmt.Errorf("replace %s: %w", change.Path, err)
		}
	}
	return nil
}

// stage writes the new content beside the file's place.
func (t *transaction) stage(change Change) (string, error) {
	if err := t.makeDirectory(path.Dir(change.Path)); err != nil {
		return "", err
	}
	name := t.beside(change.Path)
	file, err := t.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	t.undo = append(t.undo, func() error { return ignoreMissing(t.root.Remove(name)) })
	_, err = file.Write(change.after)
	return name, errors.Join(err, file.Close())
}

// makeDirectory makes the directory and those above it, one by one, so that
// only new ones are taken back.
func (t *transaction) makeDirectory(name string) error {
	if name == "." {
		return nil
	}
	if err := t.makeDirectory(path.Dir(name)); err != nil {
		return err
	}
	local := filepath.FromSlash(name)
	err := t.root.Mkdir(local, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		t.undo = append(t.undo, func() error { return t.root.Remove(local) })
	}
	return err
}

// commit moves the present file aside and the staged one into its place.
func (t *transaction) commit(change Change, staged string) error {
	if err := t.unchanged(change); err != nil {
		return err
	}
	name := filepath.FromSlash(change.Path)
	if change.Kind != Created {
		backup := t.beside(change.Path)
		if err := t.root.Rename(name, backup); err != nil {
			return err
		}
		t.backups = append(t.backups, backup)
		t.undo = append(t.undo, func() error { return t.root.Rename(backup, name) })
	}
	if change.Kind == Removed {
		return nil
	}
	if err := t.root.Rename(staged, name); err != nil {
		return err
	}
	t.undo = append(t.undo, func() error { return t.root.Remove(name) })
	return nil
}

// unchanged checks that the file is still as it was compared.
func (t *transaction) unchanged(change Change) error {
	content, err := t.root.ReadFile(filepath.FromSlash(change.Path))
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !missing:
		return err
	case missing != (change.Kind == Created), !bytes.Equal(content, change.before):
		return errors.New("the file was changed meanwhile")
	}
	return nil
}

// beside returns a new name in the directory of the file; Go and most other
// tools pass over names that start with a dot.
func (t *transaction) beside(name string) string {
	t.names++
	unique := strconv.Itoa(os.Getpid()) + "-" + strconv.Itoa(t.names)
	return filepath.FromSlash(path.Join(path.Dir(name), ".tbgen-"+unique+".tmp"))
}

func (t *transaction) rollBack() error {
	var errs []error
	for _, undo := range slices.Backward(t.undo) {
		errs = append(errs, undo())
	}
	return errors.Join(errs...)
}

// finish removes what was moved aside.
func (t *transaction) finish() error {
	var errs []error
	for _, backup := range t.backups {
		errs = append(errs, t.root.Remove(backup))
	}
	return errors.Join(errs...)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
