using System.Numerics;

namespace FedLab.Lattice.Ring;

/// <summary>Primes p with p ≡ 1 (mod 2N), for which X^N + 1 splits into linear factors modulo p, and their roots of unity.</summary>
internal static class NttPrimes
{
    /// <summary>Residues are doubles and products are reduced with a quotient rounded in 53 bits; 2^50 is the bound for which the analysis in <see cref="Residues{TLanes,TVector}"/> holds.</summary>
    public const int MaximumBits = 50;

    /// <summary>Witnesses that make Miller-Rabin a proof below 3.3·10^24 (Sorenson and Webster 2015).</summary>
    private static readonly ulong[] Witnesses = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41];

    /// <summary>The <paramref name="count"/> largest such primes below 2^<paramref name="bits"/>, descending.</summary>
    /// <exception cref="ArgumentException">There are not so many of exactly <paramref name="bits"/> bits.</exception>
    public static ulong[] Largest(int degree, int count, int bits)
    {
        var step = 2UL * (ulong)degree;
        var primes = new List<ulong>(count);
        var smallest = 1UL << (bits - 1);
        for (var candidate = ((1UL << bits) - 1) / step * step + 1; primes.Count < count; candidate -= step)
        {
            if (candidate >= 1UL << bits)
                continue;
            if (candidate <= smallest)
                throw new ArgumentException($"There are only {primes.Count} primes of {bits} bits that are 1 modulo {step}; {count} were asked for.", nameof(count));
            if (IsPrime(candidate))
                primes.Add(candidate);
        }

        return [.. primes];
    }

    /// <summary>The largest such primes of at most <paramref name="bits"/> bits that are not <paramref name="taken"/>, descending.</summary>
    public static ulong[] Below(int degree, int count, int bits, IReadOnlyCollection<ulong> taken) =>
        [.. Largest(degree, count + taken.Count, bits).Where(prime => !taken.Contains(prime)).Take(count)];

    /// <summary>
    /// Primes in turn below and above 2^<paramref name="bits"/>, the nearest first: what a scale loses by one rescaling it gains by the next, where descending primes would let it
    /// drift.
    /// </summary>
    public static ulong[] Around(int degree, int count, int bits, IReadOnlyCollection<ulong> taken)
    {
        var step = 2UL * (ulong)degree;
        var (below, above) = ((1UL << bits) + 1 - step, (1UL << bits) + 1);
        var primes = new List<ulong>(count);
        while (primes.Count < count)
        {
            for (; !IsPrime(below) || taken.Contains(below); below -= step)
            {
                if (below >> (bits - 1) == 0)
                    throw new ArgumentException($"There are too few primes near 2^{bits} that are 1 modulo {step}; {count} were asked for.", nameof(count));
            }

            primes.Add(below);
            below -= step;
            if (primes.Count == count)
                break;
            for (; !IsPrime(above) || taken.Contains(above); above += step)
            {
                if (above >> bits != 1)
                    throw new ArgumentException($"There are too few primes near 2^{bits} that are 1 modulo {step}; {count} were asked for.", nameof(count));
            }

            primes.Add(above);
            above += step;
        }

        return [.. primes];
    }

    public static bool IsPrime(ulong value)
    {
        if (value < 2)
            return false;
        foreach (var witness in Witnesses)
        {
            if (value % witness == 0)
                return value == witness;
        }

        var twos = BitOperations.TrailingZeroCount(value - 1);
        var odd = (value - 1) >> twos;
        foreach (var witness in Witnesses)
        {
            var power = Power(witness, odd, value);
            if (power == 1 || power == value - 1)
                continue;
            var composite = true;
            for (var i = 1; i < twos && composite; i++)
            {
                power = Multiply(power, power, value);
                composite = power != value - 1;
            }

            if (composite)
                return false;
        }

        return true;
    }

    /// <summary>The least primitive 2N-th root of unity modulo <paramref name="prime"/>: the same at every party, and SEAL's choice.</summary>
    public static ulong LeastPrimitiveRoot(int degree, ulong prime)
    {
        var order = 2UL * (ulong)degree;
        ulong root = 0;
        for (ulong generator = 2; root == 0; generator++)
        {
            var candidate = Power(generator, (prime - 1) / order, prime);
            if (Power(candidate, (ulong)degree, prime) == prime - 1)
                root = candidate;
        }

        var square = Multiply(root, root, prime);
        var least = root;
        var power = root;
        for (var i = 1; i < degree; i++)
        {
            power = Multiply(power, square, prime);
            least = Math.Min(least, power);
        }

        return least;
    }

    public static ulong Multiply(ulong left, ulong right, ulong modulus) => (ulong)((UInt128)left * right % modulus);

    public static ulong Power(ulong value, ulong exponent, ulong modulus)
    {
        var result = 1UL;
        for (value %= modulus; exponent != 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
                result = Multiply(result, value, modulus);
            value = Multiply(value, value, modulus);
        }

        return result;
    }

    public static ulong Inverse(ulong value, ulong prime) => Power(value, prime - 2, prime);
}
