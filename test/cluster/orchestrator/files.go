package main

import (
	"os"
	"path/filepath"
)

// writeFile replaces the file as a whole or leaves it as it was: a killed run leaves no half-written file behind.
func writeFile(path string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, mode); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
