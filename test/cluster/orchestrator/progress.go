package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// progress shows one long step on stderr: a line that changes in place on a terminal, elsewhere a line at its start,
// every half minute, and at its end.
type progress struct {
	total int

	mutex               sync.Mutex
	title               string
	packages, downloads int
	start               time.Time
	terminal            bool
	done                chan struct{}
	finished            sync.WaitGroup
}

func newProgress(title string) *progress {
	info, err := os.Stderr.Stat()
	p := &progress{title: title, start: time.Now(), done: make(chan struct{})}
	p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	every := 30 * time.Second
	if p.terminal {
		every = time.Second
	} else {
		say("%s", title)
	}
	p.finished.Go(func() { p.repeat(every) })
	return p
}

func (p *progress) repeat(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.show()
		case <-p.done:
			return
		}
	}
}

func (p *progress) show() {
	if p.terminal {
		fmt.Fprintf(os.Stderr, "\r\033[Kcluster: %s", p.line(time.Now()))
	} else {
		say("%s", p.line(time.Now()))
	}
}

func (p *progress) line(now time.Time) string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	text := p.title
	if p.packages > 0 {
		text += fmt.Sprintf(", %d of at most %d packages compiled", p.packages, max(p.total, p.packages))
	} else if p.downloads > 0 {
		text += fmt.Sprintf(", modules downloaded: %d", p.downloads)
	}
	return text + ", " + elapsed(now.Sub(p.start))
}

func elapsed(d time.Duration) string {
	seconds := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

func (p *progress) compiled() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.packages++
}

func (p *progress) downloaded() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.downloads++
}

// stop prints the step's last line.
func (p *progress) stop() {
	close(p.done)
	p.finished.Wait()
	p.show()
	if p.terminal {
		fmt.Fprintln(os.Stderr)
	}
}
