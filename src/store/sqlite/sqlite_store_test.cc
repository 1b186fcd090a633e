#include "store/sqlite/sqlite_store.h"

#include "store/store_contract.h"

namespace flawless::store {
namespace {

Result<std::unique_ptr<Store>> open_in(const std::string& directory) {
  return open_sqlite({.path = directory + "/flawless.db", .readers = 2});
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(StoreBackend{"sqlite", open_in}),
                         [](const auto& suite) { return suite.param.name; });

}  // namespace
}  // namespace flawless::store
