using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Participant.Configuration;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant.Enrolment;

/// <summary>Renews the participant's certificate when a third of its life is left. The key stays, so a run under way notices nothing.</summary>
internal sealed class CertificateRenewal(ParticipantHome home, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Watches over the certificate until the token ends it; a failure is tried again.</summary>
    /// <param name="cancellationToken">Ends the watch.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            var left = CertificateLife.RenewalOf(home.Identity.Certificate) - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                if (await TryAsync(cancellationToken).ConfigureAwait(false)) failures = 0;
                else left = ShortestWait * (1 << Math.Min(failures++, 12));
            }
            if (left <= TimeSpan.Zero) left = ShortestWait;
            await Task.Delay(left < LongestWait ? left : LongestWait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever it meets, a watch that ended would let the certificate run out.")]
    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            var current = home.Identity.Certificate;
            using var key = current.GetECDsaPrivateKey()!;
            using var channel = new LabChannel(home.Coordinator, current, home.Authority, time);
            var request = new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key, home.Identity.Name)) };
            var reply = await new Admission.AdmissionClient(channel.Invoker).RenewAsync(request, deadline: time.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: cancellationToken);
            using var certificate = X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
            if (LabCertificates.Refusal(certificate, home.Authority, LabRole.Participant, time) is { } refusal)
            {
                Log.RenewalFailed(logger, refusal);
                return false;
            }
            if (LabCertificates.NameOf(certificate) != home.Identity.Name)
            {
                Log.RenewalFailed(logger, Messages.EnrolmentOfOther(LabCertificates.NameOf(certificate)));
                return false;
            }
            if (certificate.NotAfter <= current.NotAfter)
            {
                Log.RenewalNotLater(logger);
                return false;
            }
            home.Renew(certificate.CopyWithPrivateKey(key));
            Log.Renewed(logger, certificate.NotAfter);
            return true;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.RenewalFailed(logger, e.Status.Detail);
            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.RenewalFailed(logger, e.Message);
            return false;
        }
    }
}
