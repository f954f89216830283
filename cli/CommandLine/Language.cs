using System.Globalization;
using FedLab.Cli.Resources;
using FedLab.Client;

namespace FedLab.Cli.CommandLine;

/// <summary>The language of everything that is printed.</summary>
internal static class Language
{
    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_MESSAGES", "LANG"];

    /// <summary>Name of the option.</summary>
    public const string Option = "--language";

    private const string English = "en";
    private const string Chinese = "zh-CN";

    /// <summary>The culture for a command line: the option, else the environment. It is needed before the command line is parsed, because descriptions are in it too.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="ClientException">The option names no language that exists.</exception>
    public static CultureInfo Choose(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        for (var index = 0; index < arguments.Count; index++)
        {
            if (arguments[index].StartsWith(Option + "=", StringComparison.Ordinal)) return Parse(arguments[index][(Option.Length + 1)..]);
            if (arguments[index] == Option && index + 1 < arguments.Count) return Parse(arguments[index + 1]);
        }
        // The first that is set decides, as everywhere under POSIX.
        var locale = LocaleVariables.Select(environment).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return CultureInfo.GetCultureInfo(locale?.StartsWith("zh", StringComparison.OrdinalIgnoreCase) == true ? Chinese : English);
    }

    private static CultureInfo Parse(string text) => text switch
    {
        English => CultureInfo.GetCultureInfo(English),
        Chinese => CultureInfo.GetCultureInfo(Chinese),
        _ => throw ClientException.Usage(Messages.LanguageUnknown(text)),
    };
}
