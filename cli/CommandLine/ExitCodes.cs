namespace FedLab.Cli.CommandLine;

/// <summary>Exit codes of every command.</summary>
internal static class ExitCodes
{
    /// <summary>It is done, and what was checked holds.</summary>
    public const int Success = 0;

    /// <summary>It failed, or what was checked does not hold.</summary>
    public const int Failure = 1;

    /// <summary>What was asked for is wrong: an option, a setting, a file that is not there.</summary>
    public const int Usage = 2;
}
