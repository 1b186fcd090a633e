// Sentry's event (https://develop.sentry.dev/sdk/foundations/transport/event-payloads/). Internal
// to the room.
#pragma once

#include "wire/reader.h"

namespace flawless::wire::sentry {

// Fills the reader's event. `header_id` is the envelope header's event_id, which wins over the
// event's own.
Status read(Json document, std::string_view header_id, const Arrival& arrival, Reader& reader);

// Its parts, one per file.

// {frames: […]} or a list of frames. stacktrace.cc
void read_stacktrace(const Path& path, Json stacktrace, Reader& reader, std::vector<Frame>& out);
// A list, {values: […]} or one bare object: the elements that are not null.
std::vector<Json> values_of(Json json);

void read_exceptions(const Path& path, Json exception, Reader& reader);  // exception.cc
void read_threads(const Path& path, Json threads, Reader& reader);
// Gives the event the stack of a thread, or of the message, when no exception brought one: that of
// the only crashed thread, else of the only current one, else of the only one that has a stack.
// Without an exception it becomes a synthetic one with neither type nor message.
void adopt_stack(std::optional<Json> stacktrace, std::optional<Json> threads, Reader& reader);

void read_message(const Path& path, Json message, Reader& reader);  // message.cc
void read_request(const Path& path, Json request, Reader& reader);  // context.cc
void read_user(const Path& path, Json user, const Arrival& arrival, Reader& reader);
void read_contexts(const Path& path, Json contexts, Reader& reader);
void read_breadcrumbs(const Path& path, Json breadcrumbs, Reader& reader);

// "%s", "%(name)s", "{}", "{0}" and "{name}" of a template replaced by its parameters. format.cc
std::string format_message(std::string_view message_template, Json params);

}  // namespace flawless::wire::sentry
