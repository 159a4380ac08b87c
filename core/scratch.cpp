#include "scratch.h"

#include <new>

namespace gridsample {

namespace {

class Kept {
public:
    ~Kept() { release(); }

    char* at_least(std::size_t bytes) {
        if (size_ < bytes) {
            release();
            data_ = static_cast<char*>(::operator new(bytes, alignment));
            size_ = bytes;
        }
        return data_;
    }

private:
    static constexpr std::align_val_t alignment{64};
    char* data_ = nullptr;
    std::size_t size_ = 0;

    void release() {
        ::operator delete(data_, alignment);
        data_ = nullptr;
        size_ = 0;
    }
};

thread_local Kept kept[static_cast<int>(Scratch::votes) + 1];

}  // namespace

char* scratch(Scratch purpose, std::size_t bytes) { return kept[static_cast<int>(purpose)].at_least(bytes); }

}  // namespace gridsample
