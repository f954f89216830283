using System.Globalization;
using FedLab.Client;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>The language of everything that the library shows and says: English or Chinese.</summary>
public static class Language
{
    /// <summary>Takes a language for this cell and all after it.</summary>
    /// <param name="name"><c>en</c> or <c>zh-CN</c>; a longer or shorter name of the same language is one too.</param>
    /// <exception cref="ClientException">There is no such language here.</exception>
    public static void Use(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var culture = Parse(name) ?? throw ClientException.Usage(LabMessages.LanguageUnknown(name));
        if (NotebookHost.Current is { } host) host.Culture = culture;
        CultureInfo.CurrentUICulture = culture;
    }

    /// <summary>Whether the current language is Chinese.</summary>
    internal static bool IsChinese => CultureInfo.CurrentUICulture.Name.StartsWith("zh", StringComparison.OrdinalIgnoreCase);

    private static CultureInfo? Parse(string name) => name.Split('-', '_')[0].ToLowerInvariant() switch
    {
        "zh" => CultureInfo.GetCultureInfo("zh-CN"),
        "en" => CultureInfo.GetCultureInfo("en"),
        _ => null,
    };
}
