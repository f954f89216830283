namespace FedLab.Participant.Approval;

/// <summary>What a person wrote into <c>proposals/RUN.decision</c>.</summary>
/// <param name="Approve">Whether the party takes part.</param>
/// <param name="Reason">Why not, a sentence.</param>
internal sealed record ManualDecision(bool Approve, string Reason)
{
    private const string ApproveWord = "approve";
    private const string RefuseWord = "refuse";
    private const int MaximumReason = 500;

    /// <summary>
    /// <c>approve</c> alone; <c>refuse</c> alone or with a reason behind white space or a colon; in any case. A text that is anything else
    /// is no decision: neither answer may come from a guess.
    /// </summary>
    /// <param name="text">The file's text.</param>
    /// <returns>Null if it is neither.</returns>
    public static ManualDecision? Parse(string text)
    {
        text = text.Trim();
        if (text.Equals(ApproveWord, StringComparison.OrdinalIgnoreCase)) return new ManualDecision(true, "");
        if (!text.StartsWith(RefuseWord, StringComparison.OrdinalIgnoreCase)) return null;
        var rest = text.AsSpan(RefuseWord.Length);
        if (rest.Length > 0 && !IsBetween(rest[0])) return null;
        while (rest.Length > 0 && IsBetween(rest[0])) rest = rest[1..];
        return new ManualDecision(false, rest.Length == 0 ? Messages.RefusedByPerson : rest[..Math.Min(rest.Length, MaximumReason)].ToString());
    }

    /// <summary>A colon is also the one that Chinese keyboards write.</summary>
    private static bool IsBetween(char character) => char.IsWhiteSpace(character) || character is ':' or '：';
}
