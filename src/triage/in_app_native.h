// Internal: what of a compiled program belongs to the system, the tool chain or a crash reporter.
#pragma once

#include <string_view>

namespace flawless::triage {

// The image (library or program) a frame lies in: "C:\WINDOWS\System32\ntdll.dll", "UIKitCore". By
// its name alone only where it is sent without a directory.
bool is_system_image(std::string_view image);
// A source file of a compiler's own library: Xcode's, Visual Studio's, the NDK's.
bool is_toolchain_file(std::string_view path);
// "std::vector::at", "boost::function0<T>::operator()", "crashpad::…": templates of libraries are
// compiled into the application's image, and often carry the application's paths.
bool is_library_symbol(std::string_view function);

}  // namespace flawless::triage
