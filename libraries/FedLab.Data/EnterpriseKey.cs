using System.Buffers;

namespace FedLab.Data;

/// <summary>Keys of enterprises: one spelling for each, and the check of the unified social credit code.</summary>
public static class EnterpriseKey
{
    /// <summary>Characters of a unified social credit code.</summary>
    public const int CreditCodeLength = 18;

    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    private static readonly SearchValues<char> Signs = SearchValues.Create(Alphabet);

    /// <summary>Full-width forms U+FF01 to U+FF5E stand this far above their ASCII characters.</summary>
    private const int FullWidthOffset = 0xFEE0;

    /// <summary>The full-width form of the space.</summary>
    private const char IdeographicSpace = '\u3000';

    /// <summary>C_i of every sign, by its ASCII code (GB 32100-2015, table 1).</summary>
    private static readonly byte[] ValueOf = CreateValues();

    /// <summary>W_i = 3^(i−1) mod 31 (GB 32100-2015, table 2).</summary>
    private static ReadOnlySpan<byte> Weights => [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

    /// <summary>
    /// The one spelling of a key: full-width characters become half-width, white space and invisible marks around it go
    /// (U+3000, no-break spaces, byte order marks and zero-width spaces included), letters become upper case.
    /// </summary>
    public static string Normalise(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<char> buffer = key.Length <= DataLimits.MaximumKeyLength ? stackalloc char[DataLimits.MaximumKeyLength] : new char[key.Length];
        key.CopyTo(buffer);
        var normalised = NormaliseInPlace(buffer[..key.Length], out var changes);
        return changes == KeyChanges.None ? key : normalised.ToString();
    }

    /// <summary>
    /// Whether a normalised key is a unified social credit code: 18 signs of the standard's alphabet (no I, O, S, V, Z) whose last is
    /// the check character (31 − (Σ C_i·W_i mod 31)) mod 31 (GB 32100-2015, section 4.4).
    /// </summary>
    public static bool IsValidUnifiedSocialCreditCode(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Check(key) == CreditCodeCheck.Valid;
    }

    /// <summary>What a normalised key is by its signs.</summary>
    internal static CreditCodeCheck Check(ReadOnlySpan<char> key)
    {
        if (key.Length != CreditCodeLength || key.ContainsAnyExcept(Signs)) return CreditCodeCheck.OtherText;
        var sum = 0;
        for (var i = 0; i < Weights.Length; i++) sum += Weights[i] * ValueOf[key[i]];
        return (31 - sum % 31) % 31 == ValueOf[key[^1]] ? CreditCodeCheck.Valid : CreditCodeCheck.WrongCheckCharacter;
    }

    /// <summary>Normalises a key where it stands and says what was changed.</summary>
    internal static ReadOnlySpan<char> NormaliseInPlace(Span<char> key, out KeyChanges changes)
    {
        changes = KeyChanges.None;
        for (var i = 0; i < key.Length; i++)
        {
            if (key[i] is not (>= '\uFF01' and <= '\uFF5E' or IdeographicSpace)) continue;
            key[i] = key[i] == IdeographicSpace ? ' ' : (char)(key[i] - FullWidthOffset);
            changes |= KeyChanges.FullWidth;
        }

        var start = 0;
        while (start < key.Length && IsBlank(key[start])) start++;
        var end = key.Length;
        while (end > start && IsBlank(key[end - 1])) end--;
        if (end - start != key.Length) changes |= KeyChanges.Trimmed;
        var trimmed = key[start..end];
        for (var i = 0; i < trimmed.Length; i++)
        {
            var upper = char.ToUpperInvariant(trimmed[i]);
            if (upper == trimmed[i]) continue;
            trimmed[i] = upper;
            changes |= KeyChanges.UpperCased;
        }

        return trimmed;
    }

    private static byte[] CreateValues()
    {
        var values = new byte[128];
        for (var i = 0; i < Alphabet.Length; i++) values[Alphabet[i]] = (byte)i;
        return values;
    }

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c is '\uFEFF' or '\u200B' or '\u200C' or '\u200D' or '\u2060';
}

/// <summary>What a key is by its signs.</summary>
internal enum CreditCodeCheck : byte
{
    OtherText,
    WrongCheckCharacter,
    Valid,
}
