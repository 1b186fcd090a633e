// Package shop fails in the ways that Go programs fail.
package shop

import (
	"fmt"

	"golang.org/x/text/language"
)

// NoBanners is an error with a type of its own.
type NoBanners struct{ Shop string }

func (e *NoBanners) Error() string { return "no banners in " + e.Shop }

type Shop struct {
	Name    string
	Banners []string
}

// Pick wraps an error twice.
func (s *Shop) Pick(count int) error {
	if count > len(s.Banners) {
		return fmt.Errorf("picking %d: %w", count, fmt.Errorf("looking: %w", &NoBanners{s.Name}))
	}
	return nil
}

func at[T any](list []T, index int) T {
	return list[index]
}

// First panics in a generic function below a closure.
func (s *Shop) First(index int) (banner string) {
	func() {
		banner = at(s.Banners, index)
	}()
	return banner
}

// Last panics with a text.
func (s *Shop) Last() string {
	if len(s.Banners) == 0 {
		panic("no last banner in " + s.Name)
	}
	return s.Banners[len(s.Banners)-1]
}

// Language panics in somebody else's module.
func (s *Shop) Language(name string) language.Tag {
	return language.MustParse(name)
}
