namespace FedLab.Synthesis;

/// <summary>
/// Unified social credit codes (统一社会信用代码, GB 32100-2015) of enterprises that do not exist: the organisation code starts
/// with TX, which is not issued, and carries valid check characters (GB 11714 and GB 32100).
/// </summary>
internal static class EnterpriseIdentifier
{
    /// <summary>Characters of a code.</summary>
    public const int Length = 18;

    /// <summary>Bodies of six signs of a 31-sign alphabet.</summary>
    private const long BodyCount = 31L * 31 * 31 * 31 * 31 * 31;

    private static ReadOnlySpan<byte> Alphabet => "0123456789ABCDEFGHJKLMNPQRTUWXY"u8;

    /// <summary>W_i = 3^(i−1) mod 31 (GB 32100-2015, table 2).</summary>
    private static ReadOnlySpan<byte> Weights => [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

    /// <summary>Weights of the organisation code's check character (GB 11714).</summary>
    private static ReadOnlySpan<byte> OrganisationWeights => [3, 7, 9, 10, 5, 8, 4, 2];

    /// <summary>Writes the code of an enterprise.</summary>
    /// <param name="enterprise">Index of the enterprise; different indexes below 31⁶ give different codes.</param>
    /// <param name="soleTrader">Registered as a sole trader (92) and not as an enterprise (91).</param>
    /// <param name="region">Six digits of GB/T 2260.</param>
    /// <param name="code">Receives 18 ASCII characters.</param>
    public static void Write(int enterprise, bool soleTrader, ReadOnlySpan<byte> region, Span<byte> code)
    {
        code[0] = (byte)'9';
        code[1] = soleTrader ? (byte)'2' : (byte)'1';
        region.CopyTo(code[2..8]);
        code[8] = (byte)'T';
        code[9] = (byte)'X';
        // 48271 is coprime to 31, so the map is a permutation of the bodies and neighbours do not look alike.
        var body = (enterprise * 48271L + 7) % BodyCount;
        for (var position = 15; position >= 10; position--)
        {
            code[position] = Alphabet[(int)(body % 31)];
            body /= 31;
        }

        code[16] = OrganisationCheck(code[8..16]);
        code[17] = Check(code[..17]);
    }

    /// <summary>Replaces the check character by the next sign of the alphabet, which makes the code invalid.</summary>
    public static void Corrupt(Span<byte> code) => code[17] = Alphabet[(Alphabet.IndexOf(code[17]) + 1) % Alphabet.Length];

    private static byte OrganisationCheck(ReadOnlySpan<byte> organisation)
    {
        var sum = 0;
        for (var i = 0; i < organisation.Length; i++)
        {
            var sign = organisation[i];
            sum += OrganisationWeights[i] * (sign <= '9' ? sign - '0' : sign - 'A' + 10);
        }

        return (11 - sum % 11) switch { 10 => (byte)'X', 11 => (byte)'0', var digit => (byte)('0' + digit) };
    }

    private static byte Check(ReadOnlySpan<byte> code)
    {
        var sum = 0;
        for (var i = 0; i < code.Length; i++) sum += Weights[i] * Alphabet.IndexOf(code[i]);
        return Alphabet[(31 - sum % 31) % 31];
    }
}
