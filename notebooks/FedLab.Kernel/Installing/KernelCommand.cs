using System.Globalization;
using FedLab.Kernel.Messages;
using FedLab.Kernel.Resources;

namespace FedLab.Kernel.Installing;

/// <summary>The kernel's command line.</summary>
internal sealed class KernelCommand(TextWriter output, TextWriter error, Func<string, string?> environment, Func<string, CancellationToken, Task> serve)
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int Misused = 2;

    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_MESSAGES", "LANG"];

    /// <summary>The language of the environment: Chinese where its locale is, else English.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static CultureInfo Culture(Func<string, string?> environment)
    {
        // The first that is set decides, as everywhere under POSIX.
        var locale = LocaleVariables.Select(environment).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return CultureInfo.GetCultureInfo(locale?.StartsWith("zh", StringComparison.OrdinalIgnoreCase) == true ? "zh-CN" : "en");
    }

    /// <summary>Does what a command line says.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            switch (arguments)
            {
                case []:
                    return Misuse(Texts.CommandMissing);
                case ["--help" or "-h" or "-?", ..] or [_, "--help" or "-h" or "-?"]:
                    await output.WriteAsync(Texts.Help).ConfigureAwait(false);
                    return Done;
                case ["install" or "uninstall", .. var options]:
                    return await RegisterAsync(arguments[0] == "install", options, cancellationToken).ConfigureAwait(false);
                case [var file] when !file.StartsWith('-'):
                    await serve(file, cancellationToken).ConfigureAwait(false);
                    return Done;
                default:
                    return Misuse(Texts.OptionUnknown(arguments.Length > 1 ? arguments[1] : arguments[0]));
            }
        }
        catch (KernelException exception)
        {
            await error.WriteLineAsync(exception.Message).ConfigureAwait(false);
            return Failed;
        }
    }

    private async Task<int> RegisterAsync(bool install, string[] options, CancellationToken cancellationToken)
    {
        string? data = null;
        var name = KernelSpecification.DefaultName;
        for (var index = 0; index < options.Length; index++)
        {
            var option = options[index];
            string? value = null;
            if (option is "--prefix" or "--name")
            {
                if (++index == options.Length || options[index].Length == 0 || options[index].StartsWith('-')) return Misuse(Texts.OptionValue(option));
                value = options[index];
            }
            var folder = option switch
            {
                "--user" => KernelSpecification.UserData(environment),
                "--prefix" => KernelSpecification.PrefixData(value!),
                "--sys-prefix" => KernelSpecification.PrefixData(await KernelSpecification.EnvironmentPrefixAsync(environment, cancellationToken).ConfigureAwait(false)),
                _ => null,
            };
            if (folder is not null)
            {
                if (data is not null) return Misuse(Texts.OnePlace);
                data = folder;
            }
            else if (option == "--name")
            {
                name = value!;
            }
            else
            {
                return Misuse(Texts.OptionUnknown(option));
            }
        }
        var specification = new KernelSpecification(data ?? KernelSpecification.UserData(environment), name);
        await output.WriteLineAsync(install ? Texts.Installed(KernelSpecification.DisplayName, specification.Install()) : Texts.Uninstalled(specification.Uninstall())).ConfigureAwait(false);
        return Done;
    }

    private int Misuse(string sentence)
    {
        error.WriteLine(sentence);
        return Misused;
    }
}
