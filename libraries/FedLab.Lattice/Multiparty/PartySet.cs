using System.Numerics;

namespace FedLab.Lattice.Multiparty;

/// <summary>The parties of one run of a collective protocol, by their numbers 0 to 63: all of them, or the t that act in a t-out-of-n run.</summary>
public readonly record struct PartySet
{
    /// <summary>Most parties of a federation: a set of them is one 64-bit word in every share.</summary>
    public const int MaximumParties = 64;

    internal PartySet(ulong mask) => Mask = mask;

    /// <summary>Number of parties.</summary>
    public int Count => BitOperations.PopCount(Mask);

    /// <summary>Bit i is set where party i belongs to the set.</summary>
    internal ulong Mask { get; }

    /// <summary>Parties 0 to <paramref name="parties"/> - 1.</summary>
    /// <param name="parties">1 to 64.</param>
    /// <returns>The set of all of them.</returns>
    public static PartySet All(int parties)
    {
        if (parties is < 1 or > MaximumParties)
            throw new ArgumentOutOfRangeException(nameof(parties), parties, $"There are 1 to {MaximumParties} parties.");
        return new PartySet(ulong.MaxValue >> (MaximumParties - parties));
    }

    /// <summary>The named parties.</summary>
    /// <param name="parties">At least one number of 0 to 63, each once.</param>
    /// <returns>The set of them.</returns>
    /// <exception cref="ArgumentException">A number is out of range or given twice, or there is none.</exception>
    public static PartySet Of(params ReadOnlySpan<int> parties)
    {
        ulong mask = 0;
        foreach (var party in parties)
        {
            if (party is < 0 or >= MaximumParties)
                throw new ArgumentOutOfRangeException(nameof(parties), party, $"Parties have the numbers 0 to {MaximumParties - 1}.");
            if ((mask >> party & 1) != 0)
                throw new ArgumentException($"Party {party} is given twice.", nameof(parties));
            mask |= 1UL << party;
        }

        if (mask == 0)
            throw new ArgumentException("At least one party is needed.", nameof(parties));
        return new PartySet(mask);
    }

    /// <summary>Whether a party belongs to the set.</summary>
    /// <param name="party">Any number.</param>
    /// <returns>True for a member.</returns>
    public bool Contains(int party) => party is >= 0 and < MaximumParties && (Mask >> party & 1) != 0;

    /// <summary>The members' numbers, ascending.</summary>
    /// <returns>As many as <see cref="Count"/>.</returns>
    public IReadOnlyList<int> Members()
    {
        var members = new List<int>(Count);
        for (var party = 0; party < MaximumParties; party++)
        {
            if (Contains(party))
                members.Add(party);
        }

        return members;
    }

    /// <summary>The members' numbers, as a person reads them.</summary>
    /// <returns>For example "{0, 2, 3}".</returns>
    public override string ToString() => $"{{{string.Join(", ", Members())}}}";
}
