namespace FedLab.Data;

/// <summary>What the keys of a file are.</summary>
public enum KeyFormat
{
    /// <summary>Any text: customer numbers, identity numbers. Only empty keys are rejected.</summary>
    Text,

    /// <summary>统一社会信用代码 (GB 32100-2015): 18 signs with a check character; a key that fails the check is rejected.</summary>
    UnifiedSocialCreditCode,
}
