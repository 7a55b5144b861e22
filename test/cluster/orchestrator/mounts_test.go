package main

import (
	"slices"
	"testing"
)

func TestMountsBelowListsOnlyOursInOrder(t *testing.T) {
	info := `22 1 254:0 / / rw - ext4 /dev/vda rw
40 22 0:30 / /run/ours/netns/a\040b rw shared:1 - nsfs nsfs rw
41 22 0:31 / /run/ours-not/x rw - tmpfs tmpfs rw
42 22 0:32 / /var/lib/ours/kubelet/volume rw - tmpfs tmpfs rw
43 22 0:33 / /run/ours rw - tmpfs tmpfs rw
`
	got := mountsBelow(info, "/var/lib/ours", "/run/ours")
	want := []string{"/run/ours/netns/a b", "/var/lib/ours/kubelet/volume"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
