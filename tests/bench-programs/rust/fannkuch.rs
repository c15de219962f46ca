const N: usize = 9;
fn main() {
    let (mut perm, mut current, mut count) = ([0usize; N], [0usize; N], [0usize; N]);
    for i in 0..N { current[i] = i; }
    let (mut most, mut checksum, mut index, mut r) = (0i64, 0i64, 0i64, N);
    'all: loop {
        while r != 1 { count[r - 1] = r; r -= 1; }
        perm = current;
        let mut flips = 0;
        let mut first = perm[0];
        while first != 0 {
            let (mut lo, mut hi) = (0, first);
            while lo < hi { perm.swap(lo, hi); lo += 1; hi -= 1; }
            flips += 1;
            first = perm[0];
        }
        most = most.max(flips);
        if index % 2 == 0 { checksum += flips } else { checksum -= flips }
        loop {
            if r == N { break 'all; }
            let head = current[0];
            for i in 0..r { current[i] = current[i + 1]; }
            current[r] = head;
            count[r] -= 1;
            if count[r] > 0 { break; }
            r += 1;
        }
        index += 1;
    }
    let _ = perm;
    println!("{checksum} {most}");
}
