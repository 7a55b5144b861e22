package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func TestParseStatSurvivesStrangeProgramNames(t *testing.T) {
	for stat, ended := range map[string]bool{
		"42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 987654 1000 200": false,
		"42 (a) Z (c) Z 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 200": true,
		// Its first thread has ended, eight others still hold its sockets.
		"42 (a) Z (c) Z 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 987654 1000 200": false,
	} {
		got, startTick, err := parseStat(stat)
		if err != nil || got != ended || startTick != "987654" {
			t.Errorf("%s: ended %v, %q, %v", stat, got, startTick, err)
		}
	}
	if _, _, err := parseStat("42 (short) S 1"); err == nil {
		t.Error("accepts a short line")
	}
}

func TestARecordNamesItsProcessAndNoOther(t *testing.T) {
	self, err := describeProcess(os.Getpid(), "digest")
	if err != nil {
		t.Skip("needs /proc:", err)
	}
	reused, rebooted := self, self
	reused.StartTick = "1"
	rebooted.BootID = "another"
	for name, test := range map[string]struct {
		record record
		alive  bool
	}{
		"same":             {self, true},
		"pid used again":   {reused, false},
		"before a restart": {rebooted, false},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "record.json")
			content, _ := json.Marshal(test.record)
			if err := writeFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, alive := readRecord(file); alive != test.alive {
				t.Errorf("alive: %v", alive)
			}
		})
	}
}

func TestAMissingOrBrokenRecordIsNoProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "record.json")
	if _, alive := readRecord(file); alive {
		t.Error("a missing record is alive")
	}
	if err := os.WriteFile(file, []byte(`{"pid":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, alive := readRecord(file); alive {
		t.Error("a broken record is alive")
	}
}
