namespace FedLab.Data;

/// <summary>What normalising changed in a key.</summary>
[Flags]
internal enum KeyChanges : byte
{
    None = 0,
    Trimmed = 1,
    FullWidth = 2,
    UpperCased = 4,
}
