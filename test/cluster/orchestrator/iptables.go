package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// families are the two iptables; a machine without IPv6 may lack the second.
var families = []string{"iptables", "ip6tables"}

func savedChains() string { return state("iptables-before.json") }

// saveChains keeps the names of the chains from before the first `up`: they are not ours to remove. It refuses to share
// the rules with another node, since both would rewrite the same chains.
func saveChains(ctx context.Context) error {
	if exists(savedChains()) {
		return nil
	}
	before := map[string][]string{}
	for _, family := range families {
		rules, err := output(ctx, family+"-save")
		if err != nil && family == "iptables" {
			return err
		}
		before[family] = chains(rules)
	}
	if slices.Contains(before["iptables"], "nat KUBE-SERVICES") {
		return errors.New("another Kubernetes node runs on this machine (iptables has its chain KUBE-SERVICES): " +
			"use that one with --context, or remove it first")
	}
	content, err := json.Marshal(before)
	if err != nil {
		return err
	}
	return writeFile(savedChains(), content, 0o644)
}

// removeChains removes the chains of Kubernetes and of the network plugins that came since, and every rule that jumps there.
func removeChains(ctx context.Context) error {
	content, err := os.ReadFile(savedChains())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var before map[string][]string
	if err := json.Unmarshal(content, &before); err != nil {
		return err
	}
	var failures []error
	for _, family := range families {
		rules, err := output(ctx, family+"-save")
		if err != nil {
			continue
		}
		if script := removalScript(rules, before[family]); script != "" {
			if _, err := pipe(ctx, script, family+"-restore", "--noflush"); err != nil {
				failures = append(failures, fmt.Errorf("remove rules: %w", err))
			}
		}
	}
	return errors.Join(failures...)
}

// chains lists "TABLE CHAIN" for each chain in the output of iptables-save.
func chains(saved string) []string {
	var names []string
	table := ""
	for line := range strings.Lines(saved) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "*"):
			table = fields[0][1:]
		case strings.HasPrefix(line, ":"):
			names = append(names, table+" "+fields[0][1:])
		}
	}
	return names
}

// removalScript turns the output of iptables-save into input for iptables-restore --noflush that removes what is ours:
// chains KUBE-* and CNI-* other than the kept ones, and the rules elsewhere that lead into them.
func removalScript(saved string, keep []string) string {
	var script strings.Builder
	var drop, empty, remove []string
	table := ""
	ours := func(chain string) bool {
		named := strings.HasPrefix(chain, "KUBE-") || strings.HasPrefix(chain, "CNI-")
		return named && !slices.Contains(keep, table+" "+chain)
	}
	for line := range strings.Lines(saved) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "*"):
			table, drop, empty, remove = fields[0][1:], nil, nil, nil
		case strings.HasPrefix(line, ":") && ours(fields[0][1:]):
			empty = append(empty, "-F "+fields[0][1:])
			remove = append(remove, "-X "+fields[0][1:])
		case strings.HasPrefix(line, "-A ") && !ours(fields[1]) && ours(jumpTarget(fields)):
			drop = append(drop, "-D "+strings.TrimSpace(line[len("-A "):]))
		case strings.HasPrefix(line, "COMMIT") && len(drop)+len(remove) > 0:
			// A chain can go only when nothing leads to it and nothing is in it.
			commands := slices.Concat(drop, empty, remove)
			fmt.Fprintf(&script, "*%s\n%s\nCOMMIT\n", table, strings.Join(commands, "\n"))
		}
	}
	return script.String()
}

// jumpTarget finds a rule's target: the word after the last -j or -g, since a comment before it may hold anything.
func jumpTarget(fields []string) string {
	for i := len(fields) - 2; i >= 0; i-- {
		if fields[i] == "-j" || fields[i] == "-g" {
			return fields[i+1]
		}
	}
	return ""
}
