// Rules that people made about code, found for a frame or a whole report. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "event/event.h"
#include "triage/culprit.h"

namespace flawless::triage {

// The rule that says most about the frame: one with code before one without, then one with a
// function, then the longer path; of equals the first. Nothing when none matches, see matches().
[[nodiscard]] std::optional<size_t> best_match(const Frame& frame,
                                               std::span<const LibraryCode> rules);
// The same for any of the frames.
[[nodiscard]] std::optional<size_t> best_match(std::span<const Frame> frames,
                                               std::span<const LibraryCode> rules);

// Whether any frame of any exception is what a rule describes.
[[nodiscard]] bool has_match(const Event& event, std::span<const LibraryCode> rules);

}  // namespace flawless::triage
