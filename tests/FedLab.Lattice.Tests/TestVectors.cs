using System.Numerics;

namespace FedLab.Lattice.Tests;

/// <summary>A seeded generator for reproducible test inputs (SplitMix64); never used for anything secret.</summary>
internal sealed class TestVectors(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public int Below(int bound) => (int)(((UInt128)Next() * (ulong)bound) >> 64);

    public long Within(long bound) => (long)(((UInt128)Next() * ((ulong)bound * 2 + 1)) >> 64) - bound;

    public double[] Residues(int count, ulong prime)
    {
        var residues = new double[count];
        for (var i = 0; i < count; i++)
            residues[i] = Next() % prime;
        return residues;
    }

    public double[] Bits(int count)
    {
        var bits = new double[count];
        for (var i = 0; i < count; i++)
            bits[i] = Next() >> 63;
        return bits;
    }

    public static ulong Canonical(double residue, ulong prime)
    {
        var value = new BigInteger(residue) % prime;
        return (ulong)(value.Sign < 0 ? value + prime : value);
    }
}
