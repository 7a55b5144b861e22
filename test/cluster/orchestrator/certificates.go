package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// clients are the identities that talk to the API server (RBAC knows them by name and group), and that it talks with.
var clients = map[string]pkix.Name{
	"admin":                   {CommonName: "migration-gate:admin", Organization: []string{"system:masters"}},
	"kube-controller-manager": {CommonName: "system:kube-controller-manager"},
	"kube-scheduler":          {CommonName: "system:kube-scheduler"},
	"kubelet":                 {CommonName: "system:node:" + nodeName, Organization: []string{"system:nodes"}},
	"kube-proxy":              {CommonName: "system:kube-proxy"},
	"coredns":                 {CommonName: "system:coredns"},
}

// callers are the API server's own identities towards the kubelet and etcd.
var callers = map[string]pkix.Name{
	"kube-apiserver-kubelet": {CommonName: "migration-gate:kube-apiserver", Organization: []string{"system:masters"}},
	"kube-apiserver-etcd":    {CommonName: "kube-apiserver"},
}

// servers maps each listening part to the names and addresses under which others call it.
var servers = map[string][]string{
	"etcd":                           {"127.0.0.1"},
	"kube-controller-manager-server": {"127.0.0.1"},
	"kube-scheduler-server":          {"127.0.0.1"},
	"kubelet-server":                 {nodeIP, nodeName},
	"kube-apiserver": {
		"127.0.0.1", nodeIP, serviceIP, "localhost", "kubernetes", "kubernetes.default",
		"kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
	},
}

// A cluster lives until `down` or the machine's next start; nobody renews its certificates.
const certificateLife = 10 * 365 * 24 * time.Hour

// ensureCertificates writes one authority and everybody's certificates, once: the directory appears complete or not at all.
func ensureCertificates() error {
	target := state("pki")
	if _, err := os.Stat(target); err == nil {
		return nil
	}
	temporary := target + ".new"
	if err := os.RemoveAll(temporary); err != nil {
		return err
	}
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		return err
	}
	if err := writeCertificates(temporary); err != nil {
		return fmt.Errorf("make certificates: %w", err)
	}
	return os.Rename(temporary, target)
}

func writeCertificates(dir string) error {
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, "ca"), ca.key, ca.certificate.Raw); err != nil {
		return err
	}
	for _, group := range []map[string]pkix.Name{clients, callers} {
		for name, subject := range group {
			if err := ca.issue(filepath.Join(dir, name), subject, nil); err != nil {
				return err
			}
		}
	}
	for name, hosts := range servers {
		if err := ca.issue(filepath.Join(dir, name), pkix.Name{CommonName: name}, hosts); err != nil {
			return err
		}
	}
	return writeServiceAccountKey(filepath.Join(dir, "service-account"))
}

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority() (authority, error) {
	key, err := newKey()
	if err != nil {
		return authority{}, err
	}
	template := newTemplate(pkix.Name{CommonName: nodeName + " authority"})
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return authority{}, err
	}
	certificate, err := x509.ParseCertificate(raw)
	return authority{certificate, key}, err
}

// issue writes PATH.crt and PATH.key. With hosts the certificate is also good for a server of these names.
func (ca authority) issue(path string, subject pkix.Name, hosts []string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	template := newTemplate(subject)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if len(hosts) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, key.Public(), ca.key)
	if err != nil {
		return err
	}
	return writePEM(path, key, raw)
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func newTemplate(subject pkix.Name) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // crypto/rand never fails
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    now.Add(-time.Minute),
		NotAfter:     now.Add(certificateLife),
	}
}

func writePEM(path string, key *ecdsa.PrivateKey, certificate []byte) error {
	if err := writeBlock(path+".crt", "CERTIFICATE", certificate, 0o644); err != nil {
		return err
	}
	return writeKey(path+".key", key)
}

func writeServiceAccountKey(path string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writeBlock(path+".pub", "PUBLIC KEY", public, 0o644); err != nil {
		return err
	}
	return writeKey(path+".key", key)
}

func writeKey(path string, key crypto.PrivateKey) error {
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writeBlock(path, "PRIVATE KEY", raw, 0o600)
}

func writeBlock(path, kind string, content []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), mode)
}
