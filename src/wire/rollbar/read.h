// Rollbar's item payload (https://docs.rollbar.com/reference/create-item). Internal to the room.
#pragma once

#include "wire/reader.h"

namespace flawless::wire::rollbar {

// Fills the reader's event from the document {access_token?, data}. kInvalid if there is no
// data.body.
Status read(Json document, const Arrival& arrival, Reader& reader);

// Its parts, one per file.
void read_body(const Path& path, Json body, Reader& reader);                // body.cc
void read_frame(const Path& path, Json frame, Reader& reader, Frame& out);  // frame.cc
void read_request(const Path& path, Json request, const Arrival& arrival,
                  Reader& reader);  // request.cc

}  // namespace flawless::wire::rollbar
