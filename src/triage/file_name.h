// Files of languages whose frames name them without a directory.
#pragma once

#include "event/event.h"

namespace flawless::triage {

// "Cart.java" of the class "com.shop.Cart$Line" becomes "com/shop/Cart.java": frames of the JVM
// carry no source line, so that this is what tells the line from one of another Cart.java. After
// mark_in_app(), whose rules about directories are not meant for packages.
void name_files(Event& event);

}  // namespace flawless::triage
