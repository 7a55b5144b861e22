package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
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

// A cluster lives until `down` or the machine's next start; nobody renews its certificates.
const certificateLife = 10 * 365 * 24 * time.Hour

// ensureCertificates writes the cluster's authority, everybody's certificate and the key of the service accounts' tokens
// into dir, each unless it is already there. A certificate is written after its key: where it is, both are.
func ensureCertificates(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ca, err := ensureAuthority(filepath.Join(dir, "ca"))
	if err != nil {
		return fmt.Errorf("make the cluster's authority: %w", err)
	}
	for _, group := range []map[string]pkix.Name{clients, callers} {
		for name, subject := range group {
			if err := ca.ensure(filepath.Join(dir, name), subject, nil); err != nil {
				return fmt.Errorf("make the certificate of %s: %w", name, err)
			}
		}
	}
	for name, hosts := range servers {
		if err := ca.ensure(filepath.Join(dir, name), pkix.Name{CommonName: name}, hosts); err != nil {
			return fmt.Errorf("make the certificate of %s: %w", name, err)
		}
	}
	return ensureServiceAccountKey(filepath.Join(dir, "service-account"))
}

type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func ensureAuthority(path string) (authority, error) {
	if !exists(path + ".crt") {
		template := newTemplate(pkix.Name{CommonName: nodeName + " authority"})
		template.IsCA, template.BasicConstraintsValid = true, true
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
		key, err := newKey()
		if err != nil {
			return authority{}, err
		}
		if err := writePair(path, template, authority{template, key}, key); err != nil {
			return authority{}, err
		}
	}
	pair, err := tls.LoadX509KeyPair(path+".crt", path+".key")
	if err != nil {
		return authority{}, err
	}
	return authority{pair.Leaf, pair.PrivateKey.(crypto.Signer)}, nil
}

// ensure writes PATH.key and PATH.crt. With hosts the certificate is also good for a server of these names.
func (ca authority) ensure(path string, subject pkix.Name, hosts []string) error {
	if exists(path + ".crt") {
		return nil
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
	key, err := newKey()
	if err != nil {
		return err
	}
	return writePair(path, template, ca, key)
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

func writePair(path string, template *x509.Certificate, issuer authority, key *ecdsa.PrivateKey) error {
	raw, err := x509.CreateCertificate(rand.Reader, template, issuer.certificate, key.Public(), issuer.key)
	if err != nil {
		return err
	}
	if err := writeKey(path+".key", key); err != nil {
		return err
	}
	return writeBlock(path+".crt", "CERTIFICATE", raw, 0o644)
}

func ensureServiceAccountKey(path string) error {
	if exists(path + ".pub") {
		return nil
	}
	key, err := newKey()
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writeKey(path+".key", key); err != nil {
		return err
	}
	return writeBlock(path+".pub", "PUBLIC KEY", public, 0o644)
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writeBlock(path, "PRIVATE KEY", raw, 0o600)
}

func writeBlock(path, kind string, content []byte, mode os.FileMode) error {
	return writeFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), mode)
}
