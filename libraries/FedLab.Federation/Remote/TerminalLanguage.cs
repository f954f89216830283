using System.Globalization;

namespace FedLab.Federation.Remote;

/// <summary>The language of a program's sentences: Chinese where the terminal's locale is, English everywhere else.</summary>
public static class TerminalLanguage
{
    private static readonly string[] Variables = ["LC_ALL", "LC_MESSAGES", "LANG"]; // POSIX, section 8.2: the first that is set counts

    /// <summary>Takes the language from the environment. The runtime does not: without ICU every locale is the invariant one.</summary>
    public static void Apply()
    {
        var locale = Variables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "";
        var culture = CultureInfo.GetCultureInfo(locale.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? "zh-CN" : "en");
        CultureInfo.DefaultThreadCurrentUICulture = culture;
        CultureInfo.CurrentUICulture = culture;
    }
}
