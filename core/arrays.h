// What the core is handed: where arrays lie in memory, and the record of options. Plain data, no code.
#pragma once

#include <cstdint>
#include <limits>

#include "definitions/boundaries.h"
#include "definitions/dtypes.h"
#include "definitions/kernels.h"
#include "paths.h"

namespace gridsample {

constexpr int max_axes = 3;         // spatial axes
constexpr std::int64_t longest_axis = INT32_MAX - 255;  // indices are 32-bit, and so is a float beyond them all
constexpr int max_point_axes = 64;  // output axes of a grid: as many as NumPy has

// Of one axis: places in the lists of definitions.
struct AxisOptions {
    int kernel = 0, boundary = 0;
    double parameters[max_parameters] = {};  // of the kernel
};

// position = (coordinate + offset) * (per_size * size + constant) - shift
struct Convention {
    double offset = 0, per_size = 0, constant = 1, shift = 0;
};

// What stands where the array says nothing.
struct Filling {
    const double* values = nullptr;  // one for all channels, or one for each; null where all are 0
    std::int64_t count = 0;
    double margin = std::numeric_limits<double>::infinity();  // how far beyond a centre places are sampled
    bool undefined = false;                                   // whether undefined places are filled

    bool fills_places() const { return undefined || margin < std::numeric_limits<double>::infinity(); }
    double of(std::int64_t channel) const { return values ? values[count > 1 ? channel : 0] : 0; }
};

// Axes are counted as the grid counts its components: x first, which is the array's last axis.
struct Options {
    AxisOptions axis[max_axes];
    Convention convention;
    Filling filling;
};

// The array that is sampled, or splatted into: (N, C, *size). Strides in elements.
struct Field {
    char* data = nullptr;
    DType dtype = {};
    std::int64_t batch = 0, channels = 0;
    std::int64_t batch_stride = 0, channel_stride = 0;
    std::int64_t size[max_axes] = {}, stride[max_axes] = {};
};

// An array over output points: samples (N, C, *out), or the grid (N, *out, D) and its gradient, whose components take
// the place of the channels. Strides in elements.
struct PointArray {
    char* data = nullptr;
    DType dtype = {};
    std::int64_t batch = 0;
    std::int64_t batch_stride = 0, channel_stride = 0;
    std::int64_t stride[max_point_axes];  // as many as the job has point axes
};

// Everything a call is about. The output axes are shared by the grid and the samples, and merged where both allow.
struct Job {
    Options options;
    int axes = 0;
    int order[max_axes] = {};  // of the derivative
    Field field;               // what is sampled
    Field sum;  // what is splatted into, if anything: of the field's size and strides, but for the batch's
    PointArray grid;
    PointArray samples;      // of the field, or the values to splat
    PointArray gradient;     // of the grid
    std::int64_t batch = 0;  // of field, grid and samples broadcast together
    std::int64_t points = 0;
    int point_axes = 0;
    std::int64_t shape[max_point_axes];
    // For derivatives along a direction (along.h), with the samples in C order and one dtype for all. Null is zero.
    Field input_step;                 // as the field
    const char* grid_step = nullptr;  // (N, *out, D), in C order
    char* by_values = nullptr;        // (N, C, *out), in C order; null if not wanted
    std::uint64_t fill_label = 0;     // what taps outside vote for, in the low bits
    int threads = 1;                  // that it may use, the caller's own included
    PathCounts* watched = nullptr;    // while somebody watches

    void note(Path path) const {
        if (watched) (*watched)[static_cast<int>(path)].fetch_add(1, std::memory_order_relaxed);
    }
};

// Some neighbouring indices on the outermost spatial axis.
struct Rows {
    std::int32_t begin, end;

    bool hold(std::int32_t index) const { return begin <= index && index < end; }
    bool meet(const Rows& other) const { return begin < other.end && other.begin < end; }
    bool contain(const Rows& other) const { return begin <= other.begin && other.end <= end; }
};

constexpr Rows every_row{0, INT32_MAX};

// A part of a call that one thread works off alone.
struct Part {
    std::int64_t grid_begin, grid_end;    // which grids
    std::int64_t batch_begin, batch_end;  // which batch entries, where they share one grid; else each has its own
    std::int64_t channel_begin, channel_end;
    std::int64_t point_begin, point_end;
    std::int64_t memory;  // bytes that its tiles may take
    // Where a scatter is cut into bands: the rows that may be written and, for each run of `points_a_reach` points, the
    // rows that it may touch. Runs that touch no row of the band are left out.
    Rows band = every_row;
    const Rows* reaches = nullptr;
    std::int64_t points_a_reach = 0;
};

struct Lines;

// What one instruction set offers.
struct Engine {
    const char* name;
    std::uint64_t features;  // of the processor, that it was compiled for (processor.h)
    void (*pull)(const Job&, const Part&);
    void (*vote)(const Job&, const Part&);
    void (*push)(const Job&, const Part&);
    void (*gradients)(const Job&, const Part&);     // of the grid and, where the job has a sum, the push too
    void (*reach)(const Job&, const Part&, Rows*);  // one for each run of the part's points
    void (*filter)(const Lines&, std::int64_t, std::int64_t);  // of groups of lines (recursion.h)
};

}  // namespace gridsample
