// A loop whose stores GCC 12 overlooks at -O1 and -O2: its optimizer writes addresses as 0 plus an index, its analyses take
// that for a null pointer's and see no further, and the call of a function "without effect" is dropped. Prints 32 if right.
#include <cstdint>
#include <cstdio>
#define NOINLINE __attribute__((noinline))
struct Rows { int begin, end; };
struct Tile {
    double tap_weight[4][128], row_weight[4][128];
    int index[2][4][128];
    std::int64_t stride[2];
};
static NOINLINE void add(double* plane, const Tile& t, int i, const double* values, const Rows& band) {
    for (int point = i; point < i + 2; ++point) {
        for (int row = 0; row < 4; ++row) {
            const double weighted = t.row_weight[row][point] * values[point];
            for (int k = 0; k < 4; ++k) {
                const int x = t.index[0][k][point], y = t.index[1][row][point];
                const std::int64_t offset = x * t.stride[0] + y * t.stride[1];
                if ((x | y) < 0 || y < band.begin || y >= band.end) continue;
                plane[offset] += t.tap_weight[k][point] * weighted;
            }
        }
    }
}
static Tile t;
int main() {
    double values[128] = {}, plane[16] = {};
    for (double& v : values) v = 1;
    for (int k = 0; k < 4; ++k)
        for (int i = 0; i < 128; ++i) t.tap_weight[k][i] = t.row_weight[k][i] = 1, t.index[0][k][i] = t.index[1][k][i] = k;
    t.stride[0] = 1, t.stride[1] = 4;
    add(plane, t, 0, values, Rows{0, 4});
    double sum = 0;
    for (double p : plane) sum += p;
    std::printf("%g\n", sum);
}
