using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Participant.Configuration;

namespace FedLab.Participant.Enrolment;

/// <summary><c>participant enrol</c> and <c>participant peers</c>: what a person does with a home folder's identity and its peers'.</summary>
internal static class EnrolCommand
{
    private const string StandardInput = "-";
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Redeems a token that comes from a file, standard input or the environment, never from the command line, which others can read.</summary>
    /// <param name="arguments">What follows <c>enrol</c>.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> EnrolAsync(string[] arguments) => TerminalProgram.RunAsync(
        stopsWithInput: false,
        async stop =>
        {
            var read = Read(arguments, "--home", "--token-file");
            var home = Path.GetFullPath(read["--home"] ?? throw new ConfigurationException(Messages.EnrolUsage));
            var file = read["--token-file"];
            var text = file switch
            {
                // A platform that knows a variable but no value for it sets it empty.
                null => Environment.GetEnvironmentVariable(EnrolmentToken.Variable) is { } given && !string.IsNullOrWhiteSpace(given) ? given : throw new ConfigurationException(Messages.EnrolUsage),
                StandardInput => await ReadInputAsync(stop),
                _ => EnrolmentAtStart.ReadFile(file),
            };
            var token = EnrolmentToken.Parse(text);
            var options = File.Exists(Path.Combine(home, ParticipantHome.ConfigurationFileName)) ? ParticipantHome.ReadOptions(home, []) : null;
            var address = options is null ? token.Coordinator : new Uri(options.Coordinator);
            var name = await EnrolmentAtStart.EnrolAsync(home, token, address, options?.Name ?? "", DefaultTimeout, TimeProvider.System, stop);
            if (file is not (null or StandardInput)) File.Delete(file);
            File.Delete(Path.Combine(home, EnrolmentToken.FileName));
            Console.WriteLine(Messages.Enrolled(name, token.Lab));
            using var own = KeyFiles.LoadCertificate(Path.Combine(home, LabEnrolment.KeysFolder, KeyFiles.IdentityCertificate));
            Console.WriteLine(Messages.OwnFingerprint(LabFingerprint.TextOf(own)));
            if (options is null) Console.WriteLine(Messages.ConfigureNext(Path.Combine(home, ParticipantHome.ConfigurationFileName), name, address.GetLeftPart(UriPartial.Authority)));
            return null;
        },
        e => e is EnrolmentException);

    /// <summary>Shows the fingerprints of the project, of this party and of its peers, to be compared by telephone.</summary>
    /// <param name="arguments">What follows <c>peers</c>.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> PeersAsync(string[] arguments) => TerminalProgram.RunAsync(
        stopsWithInput: false,
        _ =>
        {
            var home = Path.GetFullPath(Read(arguments, "--home")["--home"] ?? throw new ConfigurationException(Messages.PeersUsage));
            var keys = Path.Combine(home, LabEnrolment.KeysFolder);
            using var authority = KeyFiles.LoadCertificate(Path.Combine(keys, LabAuthority.CertificateFile));
            using var own = KeyFiles.LoadCertificate(Path.Combine(keys, KeyFiles.IdentityCertificate));
            using var directory = new PartyDirectory([]);
            using var peers = new PeerBook(Path.Combine(home, ParticipantHome.PeersFolderName), LabCertificates.NameOf(own), authority, directory, TimeProvider.System);
            peers.Load();
            Console.WriteLine(Messages.FingerprintLine(Messages.ProjectName(LabCertificates.NameOf(authority)), LabFingerprint.TextOf(authority), authority.NotAfter.ToUniversalTime()));
            Console.WriteLine(Messages.FingerprintLine(Messages.OwnName(LabCertificates.NameOf(own)), LabFingerprint.TextOf(own), own.NotAfter.ToUniversalTime()));
            foreach (var (name, certificate) in peers.Pinned) Console.WriteLine(Messages.FingerprintLine(name, LabFingerprint.TextOf(certificate), certificate.NotAfter.ToUniversalTime()));
            return Task.FromResult<string?>(null);
        },
        e => e is EnrolmentException);

    private static Dictionary<string, string?> Read(string[] arguments, params string[] known)
    {
        var read = known.ToDictionary(name => name, string? (_) => null, StringComparer.Ordinal);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!read.ContainsKey(arguments[i]) || i + 1 == arguments.Length) throw new ConfigurationException(Messages.UnknownArgument(arguments[i]));
            read[arguments[i]] = arguments[i + 1];
        }
        return read;
    }

    private static async Task<string> ReadInputAsync(CancellationToken cancellationToken)
    {
        var buffer = new char[EnrolmentAtStart.MaximumTokenBytes];
        var length = await Console.In.ReadBlockAsync(buffer, cancellationToken);
        return new string(buffer, 0, length);
    }
}
