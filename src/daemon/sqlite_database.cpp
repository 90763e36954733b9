#include "sqlite_database.hpp"

#include <sqlite3.h>

namespace spillway::daemon {

void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Database::Database(const std::string& file) {
  sqlite3* handle = nullptr;
  code_ =
      sqlite3_open_v2(file.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
}

bool Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) code_ = code;
  return code == SQLITE_OK;
}

void Database::roll_back() {
  sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Database::Trouble Database::trouble() const {
  switch (code_ & 0xFF) {
    case SQLITE_OK:
      return Trouble::none;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Trouble::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Trouble::corrupt;
    default:
      return Trouble::other;
  }
}

std::string Database::error_text() const {
  return sqlite3_errstr(code_);
}

void Database::set_patience(int milliseconds) {
  sqlite3_busy_timeout(handle_.get(), milliseconds);
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const {
  sqlite3_finalize(handle);
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(database.handle_.get(), sql, -1, &handle, nullptr);
  if (code != SQLITE_OK) database_.code_ = code;
  handle_.reset(handle);
}

Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text(handle_.get(), index, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind(int index, std::int64_t number) {
  sqlite3_bind_int64(handle_.get(), index, number);
  return *this;
}

bool Statement::step() {
  // Null where it could not be prepared, which is in trouble() already.
  if (!handle_) return false;
  const int code = sqlite3_step(handle_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) database_.code_ = code;
  return code == SQLITE_ROW;
}

bool Statement::run() {
  if (!handle_) return false;
  int code = sqlite3_step(handle_.get());
  while (code == SQLITE_ROW)
    code = sqlite3_step(handle_.get());
  if (code != SQLITE_DONE) database_.code_ = code;
  sqlite3_reset(handle_.get());
  return code == SQLITE_DONE;
}

std::string_view Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(size));
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

}  // namespace spillway::daemon
